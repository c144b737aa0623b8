"""tx3's limits: the one too many fails, and there is room again after one
has left."""

import ssl
import time

from harness import backend, case
from harness.programs import until
from harness.tx3 import ControlStream, ended


class Relays(case.Case):
    def test_the_second_peer_fails_while_the_first_lives(self):
        relay = self.relay(control=["max_relays_per_client=1"])
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        with exposed.url.call(b"one") as first:
            self.assertEqual(backend.read_exactly(first, 3), b"one")
            with exposed.url.call(b"two") as second:
                self.assertTrue(ended(second))
            first.sendall(b"more")
            self.assertEqual(backend.read_exactly(first, 4), b"more")
        until(lambda: self.echoes(exposed.url), "room again after it left")
        relay.wait_metric("carrick_refused_total", 1, reason="limit_client")

    @staticmethod
    def echoes(url):
        with url.call(b"hello") as peer:
            try:
                return backend.read_exactly(peer, 5) == b"hello"
            except ConnectionError:
                return False

    def test_held_peers_count_too(self):
        relay = self.relay(control=["max_relays_per_client=1"])
        stream = self.control_stream(relay.url)
        with stream.own_url.call(), stream.own_url.call() as second:
            self.assertTrue(ended(second))
            stream.token()

    def test_beyond_its_quarter_a_sources_peers_wait_their_turn(self):
        relay = self.relay(control=["max_relays_per_client=8"])
        stream = self.control_stream(relay.url)
        peers = [stream.own_url.call(b"here") for _ in range(3)]
        for peer in peers:
            self.addCleanup(peer.close)
        first = stream.token()
        stream.token()
        with self.assertRaises(TimeoutError):
            stream.token(0.5)
        with relay.url.connect(first) as accepted:
            self.assertEqual(backend.read_exactly(accepted, 4), b"here")
            self.assertEqual(len(stream.token()), 32, "the third's turn")


class ControlStreams(case.Case):
    def is_registered(self, relay):
        try:
            stream = ControlStream(relay.url, self.identity().path)
        except (ConnectionError, ssl.SSLError, TimeoutError):
            return None
        if stream.is_registered():
            return stream
        stream.close()
        return None

    def one_too_many(self, setting, reason):
        relay = self.relay(control=[setting])
        first = self.control_stream(relay.url)
        self.control_stream(relay.url)
        self.assertIsNone(self.is_registered(relay))
        relay.wait_metric("carrick_refused_total", 1, reason=reason)
        first.close()
        stream = until(lambda: self.is_registered(relay),
                       "room again after one has left")
        stream.close()

    def test_max_control_streams(self):
        self.one_too_many("max_control_streams=2", "limit_streams")

    def test_max_control_streams_per_source(self):
        self.one_too_many("max_control_streams_per_source=2",
                          "limit_streams_source")


class Pairs(case.Case):
    def test_one_that_is_idle_is_parted_and_control_streams_are_not(self):
        relay = self.relay(control=["pair_idle_ms=300"])
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        with exposed.url.call(b"one") as peer:
            self.assertEqual(backend.read_exactly(peer, 3), b"one")
            self.assertTrue(ended(peer))
        relay.wait_metric("carrick_pairs_ended_total", 1, reason="idle_timeout")
        self.assertEqual(relay.metrics().sum("carrick_streams_ended_total"), 0)

    def test_bytes_a_second(self):
        rate = 50000
        relay = self.relay(control=[f"max_bytes_per_s_per_pair={rate}"])
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        with exposed.url.call() as peer:
            began = time.monotonic()
            peer.sendall(bytes(2 * rate))
            backend.read_exactly(peer, 2 * rate)
            self.assertGreater(time.monotonic() - began, 1.7)


class Connections(case.Case):
    def test_max_connections_of_a_node(self):
        # Control's own connections count as well, so there is some room.
        relay = self.relay(splice=["max_connections=8"])
        socks = [relay.url.connect(b"x") for _ in range(12)]
        for sock in socks:
            self.addCleanup(sock.close)
        relay.wait_metric("carrick_splice_pending_ended_total", 1,
                          reason="limit_connections")
        n_closed = sum(ended(sock, 0.3) for sock in socks)
        self.assertGreaterEqual(n_closed, 4)
        for sock in socks:
            sock.close()
        until(lambda: relay.metrics().sum("carrick_splice_connections") == 0,
              "all have gone")
        self.control_stream(relay.url)

    def test_max_connections_per_source(self):
        relay = self.relay(splice=["max_connections_per_source=2"])
        socks = [relay.url.connect(b"x") for _ in range(3)]
        for sock in socks:
            self.addCleanup(sock.close)
        relay.wait_metric("carrick_splice_pending_ended_total", 1,
                          reason="limit_source")
        self.assertEqual(sum(ended(sock, 0.3) for sock in socks), 1)


if __name__ == "__main__":
    case.main()
