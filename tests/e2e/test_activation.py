"""One splice node after another on the same port, and nobody is refused: by
sockets that the service manager keeps, or by two that share the port."""

import socket

from harness import backend, case, relay as relays
from harness.knocks import Knocks
from harness.load import Callers
from harness.programs import until


class Successors(case.Case):
    def knock(self, url):
        knocks = Knocks(url)
        self.addCleanup(knocks.finish)
        return knocks

    def callers(self, url):
        """One call after another."""
        callers = Callers(url, "127.0.0.9")
        self.addCleanup(callers.stop)
        return callers

    def assert_nobody_was_refused(self, knocks, callers, n_cut=0):
        """n_cut: calls at most that ended for another reason."""
        knocks.finish()
        self.assertEqual(knocks.failures, [])
        n_before = len(callers.seconds)
        until(lambda: len(callers.seconds) > n_before, "calls go on")
        callers.stop()
        self.assertLessEqual(len(callers.failures), n_cut, callers.failures)

    def assert_reached(self, exposed):
        """The client behind the relay, once it is there again."""
        def is_there():
            try:
                with exposed.url.call(b"hello") as peer:
                    return backend.read_exactly(peer, 5) == b"hello"
            except OSError:
                return False
        until(is_there, "a call reaches the client")


class Activation(Successors):
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
        callers = self.callers(exposed.url)
        knocks.wait_begun(100)
        self.assertEqual(relay.nodes[0].stop(), 0)
        relay.start_node(1)
        # The one call that may have been waiting for its client just then:
        # where the client would have come in, nobody was let in any more.
        self.assert_nobody_was_refused(knocks, callers, n_cut=1)

    def test_what_is_not_a_listening_tcp_socket_stops_the_start(self):
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(sock.close)
        relay = self.relay()
        relay.pass_sockets([sock])
        with self.assertRaisesRegex(
                AssertionError, r"descriptor 3 \('test.socket'\), which is "
                                "no listening TCP socket"):
            relay.start_node(2)


class SharedPort(Successors):
    def test_the_next_may_start_before_the_first_ends(self):
        port = relays.free_port()
        relay = self.relay(splice=["reuse_port=true"], siblings=2,
                           listen=[f"127.0.0.1:{port}"])
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        knocks = self.knock(relay.url)
        callers = self.callers(exposed.url)
        knocks.wait_begun(100)
        relay.start_node(2)
        knocks.wait_begun(250)
        self.assertEqual(relay.nodes[0].stop(), 0)
        self.assert_nobody_was_refused(knocks, callers)

    def test_a_port_is_shared_with_those_alone_who_share_it(self):
        port = relays.free_port()
        relay = self.relay(listen=[f"127.0.0.1:{port}"])
        with self.assertRaisesRegex(AssertionError, "Address already in use"):
            relay.start_node(2, ["reuse_port=true"])


if __name__ == "__main__":
    case.main()
