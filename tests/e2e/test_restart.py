"""Ends and new beginnings: of control, of nodes, of control streams."""

import hashlib
import os
import signal
import socket
import statistics
import threading
import time

from harness import backend, case, programs
from harness.programs import PATIENCE, until
from harness.tx3 import ended

MB = 1000 * 1000
RATE = 10 * MB if programs.SANITIZED else 100 * MB  # bytes/s
SECONDS_WITH, SECONDS_WITHOUT = 3, 5


class PacedSource:
    """Sends pseudo-random blocks at RATE until it is told to end."""

    def __init__(self):
        self.block = os.urandom(MB // 4)
        self.digest = hashlib.sha256()
        self.n_sent = 0
        self.is_over = threading.Event()

    def __call__(self, sock):
        start = time.monotonic()
        while not self.is_over.is_set():
            sock.sendall(self.block)
            self.digest.update(self.block)
            self.n_sent += len(self.block)
            ahead = self.n_sent / RATE - (time.monotonic() - start)
            if ahead > 0:
                time.sleep(ahead)
            elif ahead < -0.5:
                # A stall is not to be made up for by a burst.
                start = time.monotonic() - self.n_sent / RATE
        sock.shutdown(socket.SHUT_WR)


class Sink(threading.Thread):
    """Reads to the end, and knows how much and what."""

    def __init__(self, sock):
        super().__init__(daemon=True)
        self.sock = sock
        self.digest = hashlib.sha256()
        self.n_read = 0
        self.start()

    def run(self):
        buffer = bytearray(1 << 20)
        while True:
            n = self.sock.recv_into(buffer)
            if n == 0:
                return
            self.digest.update(memoryview(buffer)[:n])
            self.n_read += n


class ControlDies(case.Case):
    def test_a_transfer_outlives_control_at_full_rate(self):
        relay = self.relay()
        source = PacedSource()
        exposed = self.expose(relay.url, self.backend(source).address, "--raw")
        peer = exposed.url.call()
        self.addCleanup(peer.close)
        sink = Sink(peer)
        until(lambda: sink.n_read >= 2 * RATE, "200 MB at 100 MB/s")
        usual = self.arrived(sink, SECONDS_WITH)
        relay.control.kill()
        arrived = self.arrived(sink, SECONDS_WITHOUT)
        # A machine that has other things to do is no fault of control's.
        self.assertGreaterEqual(min(arrived), statistics.median(usual) / 2,
                                (usual, arrived))

        relay.start_control()
        start = time.monotonic()
        exposed.wait_logged("registered", count=2, timeout=5)
        self.assertLess(time.monotonic() - start, 5)
        # The old pair is known to the new control, a new one can be made.
        until(lambda: relay.metrics().sum("carrick_pairs_adopted_total") == 1,
              "the pair in the new control's books")
        source.is_over.set()
        sink.join(PATIENCE)
        self.assertEqual(sink.n_read, source.n_sent)
        self.assertEqual(sink.digest.digest(), source.digest.digest())

    @staticmethod
    def arrived(sink, seconds):
        """The bytes of each of them."""
        counts = []
        for _ in range(seconds):
            before = sink.n_read
            time.sleep(1)
            counts.append(sink.n_read - before)
        return counts

    def test_newcomers_without_control_are_let_go_at_a_deadline(self):
        relay = self.relay(splice=["control_wait_ms=300"])
        relay.control.kill()
        with relay.url.connect(relay.url.digest) as sock:
            self.assertTrue(ended(sock))
        relay.start_control()
        relay.wait_metric("carrick_splice_pending_ended_total", 1,
                          reason="no_control")

    def test_a_newcomer_is_kept_until_control_is_back(self):
        relay = self.relay(splice=["control_wait_ms=30000"])
        relay.control.kill()
        with relay.url.connect(os.urandom(32)) as sock:
            self.assertFalse(ended(sock, 0.5))
            relay.start_control()
            self.assertTrue(ended(sock))

    def test_the_url_is_the_same_after_a_restart(self):
        relay = self.relay()
        self.assertEqual(relay.control.stop(), 0)
        relay.start_control()
        line = relay.control.line_with("tx3-rst://")
        self.assertIn(str(relay.url), line)


class NodeDies(case.Case):
    def test_the_other_node_goes_on(self):
        relay = self.relay(nodes=2)
        urls = [relay.url_at(node) for node in relay.nodes]
        exposed = self.expose(urls[1], self.backend().address, "--raw")
        relay.nodes[0].kill()
        until(lambda: relay.n_nodes() == 1, "the loss of a node is noticed")
        with exposed.url.call(b"hello") as peer:
            self.assertEqual(backend.read_exactly(peer, 5), b"hello")

    def test_a_node_that_comes_back_is_taken_up_again(self):
        relay = self.relay()
        relay.nodes[0].kill()
        until(lambda: relay.n_nodes() == 0, "the loss of the node is noticed")
        node = relay.start_node(1)
        relay.wait_nodes()
        self.control_stream(relay.url_at(node))


class ControlStreams(case.Case):
    def test_a_second_stream_replaces_the_first_for_good(self):
        relay = self.relay()
        identity = self.identity()
        first = self.control_stream(relay.url, identity)
        second = self.control_stream(relay.url, identity)
        self.assertTrue(first.is_ended())
        first.close()
        relay.wait_metric("carrick_streams_ended_total", 1, reason="replaced")
        with second.own_url.call(b"to the second") as peer:
            with second.accept() as accepted:
                self.assertEqual(backend.read_exactly(accepted, 13),
                                 b"to the second")
                accepted.sendall(b"yes")
                self.assertEqual(backend.read_exactly(peer, 3), b"yes")

    def test_two_processes_with_one_identity_are_told_in_the_end(self):
        relay = self.relay()
        identity = self.identity()
        both = [self.expose(relay.url, self.backend().address, "--raw",
                            identity=identity) for _ in range(2)]
        for exposed in both:
            exposed.wait_logged("relay-lost", "does another process use the "
                                "same identity?")
            self.assertIn("or another process has the same identity",
                          exposed.logged("relay-lost")[0])

    def test_a_client_that_left_is_nobody(self):
        relay = self.relay()
        stream = self.control_stream(relay.url)
        stream.close()
        relay.wait_metric("carrick_streams_ended_total", 1)
        with stream.own_url.call() as peer:
            self.assertTrue(ended(peer))


class Signals(case.Case):
    def test_sigterm_and_sigint_end_both_daemons_cleanly(self):
        for signo in (signal.SIGTERM, signal.SIGINT):
            relay = self.relay(splice=["drain_timeout_ms=500"])
            exposed = self.expose(relay.url, self.backend().address, "--raw")
            with exposed.url.call(b"x") as peer:
                self.assertEqual(backend.read_exactly(peer, 1), b"x")
                for process in (relay.nodes[0], relay.control):
                    os.kill(process.pid, signo)
                    self.assertEqual(process.wait(), 0)
            left = os.listdir(relay.run_dir)
            self.assertEqual(left, [], "no socket is left behind")

    def test_the_service_manager_is_told(self):
        path = self.path("notify")
        manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(manager.close)
        manager.bind(path)
        os.chmod(self.folder, 0o711)
        os.chmod(path, 0o777)
        manager.settimeout(PATIENCE)
        relay = self.relay()
        relay.control.stop()
        relay.nodes[0].stop()
        env = dict(relay.env(), NOTIFY_SOCKET=path)
        relay.start_control(env)
        self.assertIn(b"READY=1", manager.recv(4096))
        relay.start_node(1, env=env)
        self.assertIn(b"READY=1", manager.recv(4096))


if __name__ == "__main__":
    case.main()
