"""One splice node after another on the same port, and nobody is refused: by
sockets that the service manager keeps, or by two that share the port."""

import concurrent.futures
import os
import socket
import time

from harness import backend, case, programs, relay as relays
from harness.programs import PATIENCE, until

N_KNOCKS = 500
IN_SECONDS = 3


class Knocks:
    """So many connections within so many seconds, each from a source of its
    own. Each names a client that nobody is, so the relay's answer is to end
    it: to be refused, or reset, is to be turned away by the kernel."""

    def __init__(self, url):
        self.url = url
        self.n_begun = 0
        self.failures = []
        self._pool = concurrent.futures.ThreadPoolExecutor(N_KNOCKS)
        self._knocker = self._pool.submit(self._knock_all)

    def _knock_all(self):
        knocks = []
        for i in range(N_KNOCKS):
            knocks.append(self._pool.submit(self._knock, i))
            self.n_begun = i
            time.sleep(IN_SECONDS / N_KNOCKS)
        for knock in knocks:
            knock.result()

    def _knock(self, i):
        source = f"127.{1 + i // 250}.0.{1 + i % 250}"
        try:
            with self.url.connect(os.urandom(32), source) as sock:
                got = sock.recv(1)
            assert got == b"", got
        except (OSError, AssertionError) as e:
            self.failures.append((i, e))

    def wait_begun(self, n):
        until(lambda: self.n_begun >= n, f"{n} connections have begun")

    def finish(self):
        self._knocker.result(3 * PATIENCE)
        self._pool.shutdown()


class Case(case.Case):
    def knock(self, url):
        knocks = Knocks(url)
        self.addCleanup(knocks.finish)
        return knocks

    def assert_reached(self, exposed):
        """The client behind the relay, once it is there again."""
        def is_there():
            try:
                with exposed.url.call(b"hello") as peer:
                    return backend.read_exactly(peer, 5) == b"hello"
            except OSError:
                return False
        until(is_there, "a call reaches the client")


class Activation(Case):
    def listening(self, host, family=socket.AF_INET):
        sock = socket.create_server((host, 0), family=family, backlog=4096)
        self.addCleanup(sock.close)
        return sock

    def relay_with(self, *sockets):
        """The addresses are busy: to bind them too would fail."""
        hosts = [f"[{host}]" if ":" in host else host
                 for host in (sock.getsockname()[0] for sock in sockets)]
        ports = [sock.getsockname()[1] for sock in sockets]
        return self.relay(
            listen=[f"{host}:{port}" for host, port in zip(hosts, ports)],
            sockets=sockets)

    def test_it_serves_on_the_sockets_it_is_passed(self):
        relay = self.relay_with(self.listening("127.0.0.1"),
                                self.listening("::1", socket.AF_INET6))
        node = relay.nodes[0]
        self.assertTrue(node.logged("listeners-passed", "n=2"))
        for url in relay.urls:
            with self.subTest(url=str(url)):
                exposed = self.expose(url, self.backend().address, "--raw")
                self.assert_reached(exposed)
        with open(f"/proc/{node.pid}/environ", "rb") as f:
            passed = f.read()
        self.assertIn(b"LISTEN_FDS=2", passed, "the activator does its part")

    def test_a_restart_refuses_nobody(self):
        relay = self.relay_with(self.listening("127.0.0.1"))
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        knocks = self.knock(relay.url)
        for n in (100, 300):
            knocks.wait_begun(n)
            self.assertEqual(relay.nodes[0].stop(), 0)
            relay.start_node(1)
        knocks.finish()
        self.assertEqual(knocks.failures, [])
        self.assert_reached(exposed)

    def test_what_is_not_a_listening_tcp_socket_stops_the_start(self):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(sock.close)
        relay = self.relay()
        relay.pass_sockets([sock])
        with self.assertRaisesRegex(
                AssertionError, r"descriptor 3 \('test.socket'\), which is "
                                "no listening TCP socket"):
            relay.start_node(2)


class SharedPort(Case):
    def test_the_next_may_start_before_the_first_ends(self):
        port = relays.free_port()
        relay = self.relay(splice=["reuse_port=true"],
                           listen=[f"127.0.0.1:{port}"])
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        knocks = self.knock(relay.url)
        knocks.wait_begun(100)
        relay.start_node(2)
        knocks.wait_begun(250)
        self.assertEqual(relay.nodes[0].stop(), 0)
        knocks.finish()
        self.assertEqual(knocks.failures, [])
        self.assert_reached(exposed)

    def test_a_port_is_shared_with_those_alone_who_share_it(self):
        port = relays.free_port()
        relay = self.relay(listen=[f"127.0.0.1:{port}"])
        with self.assertRaisesRegex(AssertionError, "Address already in use"):
            relay.start_node(2, ["reuse_port=true"])


if __name__ == "__main__":
    case.main()
