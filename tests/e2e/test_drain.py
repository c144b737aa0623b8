"""Nodes that end while others use them: who may finish, who is cut when, and
who comes back over another node."""

import os
import signal
import socket
import time

from harness import backend, case, load, programs
from harness.balancer import Balancer
from harness.programs import PATIENCE, until
from harness.relay import free_port
from harness.tx3 import Url, ended

N_TRANSFERS = 200
TRANSFER = 3  # s, from the drain's beginning
N_LONG = 20
LONG_DEADLINE = 2  # s
BACK_WITHIN = 1  # s, until a client is registered over another node
SLACK = 5 if programs.SANITIZED else 2


class Drain(case.Case):
    def talkers(self, url, n):
        """n pairs, from sources of their own."""
        talkers = []
        for number in range(n):
            talker = load.Talker(url, f"127.0.4.{number % 250 + 1}")
            self.addCleanup(talker.close)
            talkers.append(talker)
        return talkers

    def drain(self, relay, *args):
        return self.run_carrick("drain", "--socket", relay.admin_socket, *args)

    def start_drain(self, relay, *args):
        """The same that goes on."""
        return self.carrick("drain", "--socket", relay.admin_socket, *args)

    def state_of(self, relay, name):
        return next(node["state"] for node in relay.status()["nodes"]
                    if node["name"] == name)


def finish(talker):
    """What a transfer's orderly end is: nothing missing, and no reset."""
    talker.talk(b"the end")
    talker.sock.shutdown(socket.SHUT_WR)
    if backend.read_all(talker.sock) != b"":
        raise AssertionError("bytes came that nobody sent")


class Transfers(Drain):
    def test_200_shorter_than_the_deadline_are_lost_in_0_cases(self):
        relay = self.relay(control=["max_relays_per_client=256"])
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        talkers = self.talkers(exposed.url, N_TRANSFERS)
        answer = self.drain(relay, "n1", "--timeout", "60")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertIn(b"n1 drains: pairs ", answer.stdout)
        until(lambda: self.state_of(relay, "n1") == "draining",
              "the status shows it")
        lost = self.transfer(talkers)
        print(f"{N_TRANSFERS} transfers, {len(lost)} lost", flush=True)
        self.assertEqual(lost, [])
        self.assertEqual(relay.nodes[0].wait(SLACK + PATIENCE), 0)
        self.assertEqual(self.drained(relay), 0)
        self.assertTrue(relay.control.logged("node-lost", "reason=bye"))

    def transfer(self, talkers):
        """Talk for a while, then end; those that could not."""
        until_s = time.monotonic() + TRANSFER
        lost = []
        while time.monotonic() < until_s:
            for talker in talkers:
                talker.talk(b"x" * 4096)
        for talker in talkers:
            try:
                finish(talker)
            except (OSError, AssertionError) as e:
                lost.append(e)
        return lost

    def drained(self, relay):
        return relay.metrics().sum("carrick_pairs_ended_total",
                                   reason="drained")

    def test_longer_ones_are_cut_at_the_deadline_and_counted(self):
        relay = self.relay(splice=[f"drain_timeout_ms={LONG_DEADLINE}000"])
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        talkers = self.talkers(exposed.url, N_LONG)
        start = time.monotonic()
        relay.nodes[0].child.send_signal(signal.SIGTERM)
        for talker in talkers:
            self.assertTrue(ended(talker.sock, LONG_DEADLINE + SLACK))
            self.assertGreaterEqual(time.monotonic() - start,
                                    LONG_DEADLINE - 0.1)
        self.assertEqual(relay.nodes[0].wait(SLACK), 0)
        self.assertLess(time.monotonic() - start, LONG_DEADLINE + SLACK)
        self.assertEqual(self.drained(relay), N_LONG)

    def test_without_control_they_run_to_their_end_all_the_same(self):
        relay = self.relay()
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        talkers = self.talkers(exposed.url, 2)
        relay.control.kill()
        relay.nodes[0].child.send_signal(signal.SIGTERM)
        time.sleep(2)
        for talker in talkers:
            self.assertTrue(relay.nodes[0].is_alive())
            finish(talker)
        self.assertEqual(relay.nodes[0].wait(SLACK + PATIENCE), 0)

    def test_a_second_signal_means_now(self):
        relay = self.relay()
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        talker, = self.talkers(exposed.url, 1)
        node = relay.nodes[0]
        node.child.send_signal(signal.SIGTERM)
        node.wait_logged("draining")
        talker.talk(b"still here")
        node.child.send_signal(signal.SIGTERM)
        self.assertEqual(node.wait(SLACK), 0)
        self.assertTrue(ended(talker.sock))


class Clients(Drain):
    def setUp(self):
        super().setUp()
        ports = [free_port(), free_port()]
        siblings = ", ".join(f'"127.0.0.1:{port}"' for port in ports)
        self.the_relay = self.relay(
            splice=[f"siblings=[{siblings}]",
                    f"accept_listen=127.0.0.1:{ports[0]}"])
        self.the_relay.start_node(2, [f"accept_listen=127.0.0.1:{ports[1]}"])
        self.the_relay.wait_nodes()
        self.balancer = Balancer(node.addresses[0]
                                 for node in self.the_relay.nodes)
        self.addCleanup(self.balancer.stop)
        self.url = Url(str(self.the_relay.url))
        self.url.port = self.balancer.port

    def test_one_is_back_over_a_second_node_within_a_second(self):
        exposed = self.expose(self.url, self.backend().address, "--raw")
        start = time.monotonic()
        self.the_relay.nodes[0].child.send_signal(signal.SIGTERM)
        exposed.wait_logged("relay-registered", count=2)
        seconds = time.monotonic() - start
        print(f"registered again after {seconds:.2f} s", flush=True)
        self.assertLess(seconds, BACK_WITHIN * (5 if programs.SANITIZED
                                                else 1))
        self.assertEqual(
            self.balancer.n_to[self.the_relay.nodes[1].addresses[0]], 1)
        lost, = exposed.logged("relay-lost")
        self.assertIn("its node drains", lost)
        load.Talker(exposed.url).close()
        self.assertEqual(self.the_relay.nodes[0].wait(SLACK), 0)

    def test_a_peer_who_waits_there_meets_a_client_who_went_elsewhere(self):
        stream = self.control_stream(self.url)
        with stream.own_url.call(b"hello") as peer:
            token = stream.token()
            self.the_relay.nodes[0].child.send_signal(signal.SIGTERM)
            self.assertTrue(stream.is_ended())
            again = self.control_stream(self.url, stream.identity)
            self.assertEqual(again.token(), token, "it is told once more")
            with self.url.connect(token) as accepted:
                self.assertEqual(backend.read_exactly(accepted, 5), b"hello")
                accepted.sendall(b"and back")
                self.assertEqual(backend.read_exactly(peer, 8), b"and back")
        self.assertEqual(self.the_relay.nodes[0].wait(SLACK), 0)

    def test_callers_meanwhile_wait(self):
        exposed = self.expose(self.url, self.backend().address, "--raw")
        callers = load.Callers(exposed.url, "127.0.3.1")
        self.addCleanup(callers.stop)
        until(lambda: len(callers.seconds) > 20, "callers are served")
        start = time.monotonic()
        self.the_relay.nodes[0].child.send_signal(signal.SIGTERM)
        self.assertEqual(self.the_relay.nodes[0].wait(PATIENCE), 0)
        n = len(callers.seconds)
        until(lambda: len(callers.seconds) > n + 20, "callers are served")
        callers.stop()
        print(f"{len(callers.seconds)} callers, the slowest "
              f"{max(callers.seconds):.2f} s, {len(callers.failures)} failed, "
              f"node's end after {time.monotonic() - start:.1f} s", flush=True)
        # One may be at the node just then, and its client at the next one.
        self.assertLessEqual(len(callers.failures), 1, callers.failures)

    def test_a_node_without_pairs_ends_at_once(self):
        self.expose(self.url, self.backend().address, "--raw")
        idle = self.url.connect()
        self.addCleanup(idle.close)
        start = time.monotonic()
        self.assertEqual(self.the_relay.nodes[0].stop(), 0)
        self.assertLess(time.monotonic() - start, SLACK)
        self.assertTrue(self.the_relay.nodes[1].is_alive())


class Operators(Drain):
    def test_a_node_that_is_not_there(self):
        relay = self.relay(nodes=2)
        answer = self.drain(relay, "n3")
        self.assertEqual(answer.returncode, 2)
        self.assertIn(b"no splice node is called n3; there are n", answer.stderr)
        for name in (b"n1", b"n2"):
            self.assertIn(name, answer.stderr)
        answer = self.drain(relay, "No Such")
        self.assertEqual(answer.returncode, 2)
        self.assertIn(b'no node is called "No Such"', answer.stderr)

    def test_a_node_that_is_stopped_is_away(self):
        relay = self.relay()
        os.kill(relay.nodes[0].pid, signal.SIGSTOP)
        self.addCleanup(os.kill, relay.nodes[0].pid, signal.SIGCONT)
        until(lambda: relay.n_nodes() == 0, "its silence is noticed")
        answer = self.drain(relay, "n1")
        self.assertEqual(answer.returncode, 75)
        self.assertIn(b"control hears nothing of n1", answer.stderr)

    def test_now_is_a_time_too(self):
        relay = self.relay()
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        talker, = self.talkers(exposed.url, 1)
        self.assertEqual(self.drain(relay, "n1").returncode, 0)
        until(lambda: self.state_of(relay, "n1") == "draining", "it drains")
        answer = self.drain(relay, "n1", "--now")
        self.assertEqual(answer.returncode, 0, answer.stderr)
        self.assertTrue(ended(talker.sock, SLACK))
        self.assertEqual(relay.nodes[0].wait(SLACK), 0)
        for more in (), ("--wait",):  # before anybody is asked
            self.assertEqual(self.drain(relay, "n1", "--now", "--timeout",
                                        "3", *more).returncode, 2)


class Waiting(Drain):
    """carrick drain --wait: what it says, and how it ends."""

    def begin(self, n_talkers, **options):
        self.the_relay = self.relay(**options)
        exposed = self.expose(self.the_relay.url, self.backend().address,
                              "--raw")
        return self.talkers(exposed.url, n_talkers)

    def wait(self, *args):
        return self.start_drain(self.the_relay, "n1", "--wait", *args)

    def test_a_node_that_has_ended(self):
        one, other = self.begin(2)
        waiting = self.wait("--timeout", "60")
        waiting.wait_logged("n1: pairs 2, pending connections 0, ", " s left")
        finish(one)
        waiting.wait_logged("n1: pairs 1, pending connections 0, ", " s left")
        self.assertTrue(waiting.is_alive())
        finish(other)
        self.assertEqual(waiting.wait(PATIENCE), 0)
        self.assertIn("n1 drains: pairs ", waiting.line())
        self.assertEqual(waiting.line(), "n1 has ended; pairs cut: 0")
        self.assertEqual(self.the_relay.nodes[0].wait(SLACK), 0)

    def test_one_that_cut_what_was_left(self):
        self.begin(2)
        waiting = self.wait("--timeout", "1")
        self.assertEqual(waiting.wait(PATIENCE), 8)
        self.assertIn("n1 drains: pairs ", waiting.line())
        self.assertEqual(waiting.line(), "n1 has ended; pairs cut: 2")
        self.assertTrue(waiting.logged("the time of n1 was over"))

    def test_one_that_was_told_to_cut(self):
        self.begin(2)
        self.assertEqual(self.wait("--now").wait(PATIENCE), 0)

    def test_one_without_pairs_whose_next_process_begins_at_once(self):
        self.begin(0)
        for _ in range(3):
            waiting = self.wait()
            self.assertEqual(self.the_relay.nodes[0].wait(PATIENCE), 0)
            self.the_relay.start_node(1)
            self.assertEqual(waiting.wait(PATIENCE), 0)
            self.the_relay.wait_nodes()

    def test_one_that_is_killed_meanwhile(self):
        self.begin(1)
        waiting = self.wait("--timeout", "60")
        waiting.wait_logged("n1: pairs 1")
        self.the_relay.nodes[0].kill()
        self.assertEqual(waiting.wait(PATIENCE), 6)
        self.assertTrue(waiting.logged("n1 is gone, and control heard no"))

    def test_one_that_stands_still(self):
        self.begin(1)
        waiting = self.wait("--timeout", "2")
        waiting.wait_logged("n1: pairs 1")
        node = self.the_relay.nodes[0]
        os.kill(node.pid, signal.SIGSTOP)
        self.addCleanup(node.child.send_signal, signal.SIGCONT)
        self.assertEqual(waiting.wait(PATIENCE), 75)
        self.assertTrue(waiting.logged("n1 should have ended by now"))

    def test_over_a_restart_of_control(self):
        talker, = self.begin(1)
        waiting = self.wait("--timeout", "60")
        waiting.wait_logged("n1: pairs 1")
        self.the_relay.control.kill()
        self.the_relay.start_control()
        self.the_relay.wait_metric("carrick_splice_pairs", 1)
        self.assertTrue(waiting.is_alive())
        finish(talker)
        self.assertEqual(waiting.wait(PATIENCE), 0)

    def test_control_that_is_gone(self):
        self.begin(1)
        waiting = self.wait("--timeout", "3")
        waiting.wait_logged("n1: pairs ")
        self.the_relay.control.kill()
        self.assertEqual(waiting.wait(PATIENCE), 4)


if __name__ == "__main__":
    case.main()
