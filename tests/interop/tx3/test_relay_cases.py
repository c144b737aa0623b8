"""What the crate's own tests of its relay check, against ours, with real
nodes: the one too many fails, those before it live, and there is room again
after one has left."""

import socket

import nodes
from harness import backend, case, tx3
from harness.programs import PATIENCE, until


class Streams(nodes.Interop):
    """Nodes that register, one more than there may be."""

    def registers(self, relay):
        """A node with its URL; None, and it has ended, if it got none."""
        node = self.process([nodes.PROGRAM, "expose", "--relay",
                             str(relay.url), "--timeout-s", "0"])
        try:
            node.url = tx3.Url(node.line())
        except AssertionError:
            self.assertEqual(node.wait(), 1, node.log())
            return None
        return node

    def one_too_many(self, metric, reason, **settings):
        relay = self.relay(**settings)
        first = self.registers(relay)
        self.assertIsNotNone(first)
        self.assertIsNone(self.registers(relay))
        relay.wait_metric(metric, 1, reason=reason)
        self.assertTrue(first.is_alive())
        first.stop()
        until(lambda: self.registers(relay), "room again after it left")

    def test_max_inbound_connections(self):
        self.one_too_many("carrick_splice_pending_ended_total",
                          "limit_connections", splice=["max_connections=1"])

    def test_max_control_streams(self):
        self.one_too_many("carrick_refused_total", "limit_streams",
                          control=["max_control_streams=1"])

    def test_max_control_streams_per_source(self):
        self.one_too_many("carrick_refused_total", "limit_streams_source",
                          control=["max_control_streams_per_source=1"])


class Relays(nodes.Interop):
    """Callers of one node, one more than it may have."""

    def calls(self, url):
        """One call by a node: whether 5 bytes came back."""
        done = self.run_nodes("call", "--url", str(url), "--bytes", "5")
        self.assertIn(done.returncode, (0, 1), done.stderr)
        return done.returncode == 0

    def echoes(self, sock, data):
        sock.sendall(data)
        self.assertEqual(backend.read_exactly(sock, len(data)), data)

    def test_max_relays_per_control(self):
        relay = self.relay(control=["max_relays_per_client=1"])
        exposed = self.tx3_expose(relay, "echo")
        address = self.forward(exposed.url).address
        with socket.create_connection(address, timeout=PATIENCE) as first:
            self.echoes(first, b"hello")
            self.assertFalse(self.calls(exposed.url))
            relay.wait_metric("carrick_refused_total", 1,
                              reason="limit_client")
            self.echoes(first, b"still here")
        until(lambda: self.calls(exposed.url), "room again after it left")

    def test_a_peer_of_one_node_takes_no_room_of_another(self):
        relay = self.relay(control=["max_relays_per_client=1"])
        exposed = [self.tx3_expose(relay, "echo") for _ in range(2)]
        address = self.forward(exposed[0].url).address
        with socket.create_connection(address, timeout=PATIENCE) as first:
            self.echoes(first, b"hello")
            self.assertTrue(self.calls(exposed[1].url))
            self.echoes(first, b"still here")


if __name__ == "__main__":
    case.main()
