"""Streams through the relay, as `carrick` makes them."""

import hashlib
import os
import socket
import threading

from harness import backend, case
from harness.programs import PATIENCE, until

KIB, MIB = 1 << 10, 1 << 20
YOUNG = 64 * KIB  # bytes that make a pair too old to be copied
ONE_COPY = 256 * KIB
STREAM = 16 * KIB  # bytes of a control stream, at most


class Tunnels(case.Case):
    def tunnel(self, handler, *options, url_index=0, **relay_options):
        """A relay, a service behind it, and a local port that leads there."""
        self.the_relay = self.relay(**relay_options)
        service = self.backend(handler)
        self.exposed = self.expose(self.the_relay.urls[url_index],
                                   service.address, *options)
        return self.forward(self.exposed.url).address


class Streams(Tunnels):
    def test_bytes_flow_both_ways(self):
        address = self.tunnel(backend.greeter(b"hello "))
        with socket.create_connection(address, timeout=PATIENCE) as sock:
            self.assertEqual(backend.read_exactly(sock, 6), b"hello ")
            sock.sendall(b"there")
            self.assertEqual(backend.read_exactly(sock, 5), b"there")

    def test_half_close_passes_on_and_the_answer_still_comes(self):
        address = self.tunnel(backend.checksum)
        self.assertEqual(backend.exchange(address, b"all I had to say"),
                         backend.expected_checksum(b"all I had to say"))

    def test_the_service_may_end_first(self):
        def end_first(sock):
            sock.sendall(b"bye")
            sock.shutdown(socket.SHUT_WR)
            heard.append(backend.read_all(sock))
            done.set()
        heard, done = [], threading.Event()
        address = self.tunnel(end_first)
        with socket.create_connection(address, timeout=PATIENCE) as sock:
            self.assertEqual(backend.read_all(sock), b"bye")
            sock.sendall(b"still listening?")
            sock.shutdown(socket.SHUT_WR)
            self.assertTrue(done.wait(PATIENCE))
        self.assertEqual(heard, [b"still listening?"])

    def test_16_mib_arrive_as_they_were(self):
        data = os.urandom(16 * MIB)
        address = self.tunnel(backend.echo)
        answer = backend.exchange(address, data)
        self.assertEqual(hashlib.sha256(answer).digest(),
                         hashlib.sha256(data).digest())

    def test_ipv6_all_the_way(self):
        address = self.tunnel(backend.checksum, url_index=1)
        self.assertEqual(self.the_relay.urls[1].host, "::1")
        self.assertEqual(backend.exchange(address, b"six"),
                         backend.expected_checksum(b"six"))

    def test_an_empty_stream_is_a_stream(self):
        address = self.tunnel(backend.checksum)
        self.assertEqual(backend.exchange(address, b""),
                         backend.expected_checksum(b""))

    def test_forty_peers_at_once(self):
        # They are one source, whose share of what is pending is raised here.
        address = self.tunnel(backend.checksum,
                              control=["max_relays_per_client=256"],
                              splice=["max_asks_per_source=256"])
        answers = {}

        def one(number):
            data = f"peer {number} ".encode() * 1000
            answers[number] = (backend.exchange(address, data) ==
                               backend.expected_checksum(data))
        threads = [threading.Thread(target=one, args=(n,)) for n in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(3 * PATIENCE)
        self.assertEqual(answers, {n: True for n in range(40)})

    def test_raw_bytes_are_forwarded_as_they_are(self):
        relay = self.relay()
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        with exposed.url.call(b"no TLS here") as peer:
            self.assertEqual(backend.read_exactly(peer, 11), b"no TLS here")
            peer.shutdown(socket.SHUT_WR)
            self.assertEqual(backend.read_all(peer), b"")

    def test_a_peer_through_either_address_reaches_the_client(self):
        # One node, two listeners: which one a peer came in by is all the same.
        relay = self.relay()
        exposed = self.expose(relay.urls[0], self.backend().address, "--raw")
        over6 = relay.urls[1].with_digest(exposed.url.digest)
        with over6.call(b"ping") as peer:
            self.assertEqual(backend.read_exactly(peer, 4), b"ping")


class HowBytesMove(Tunnels):
    """At the pool's default, splice(2) moves them, but for those of a pair's
    youth, which ends with a copy; without pipes, copies."""

    def bulk(self, splice):
        data = os.urandom(16 * MIB)
        address = self.tunnel(backend.checksum, splice=splice)
        self.assertEqual(backend.exchange(address, data),
                         backend.expected_checksum(data))
        moved = []

        def all_of_it():
            metrics = self.the_relay.metrics()
            moved[:] = [metrics.sum(f"carrick_splice_bytes_{how}_total")
                        for how in ("spliced", "copied")]
            return sum(moved) > 16 * MIB
        until(all_of_it, "the bytes in the node's figures")
        return moved

    def test_bulk_is_spliced(self):
        spliced, copied = self.bulk([])
        self.assertLess(copied, YOUNG + ONE_COPY + STREAM)
        self.assertGreater(spliced, 16 * MIB - YOUNG - ONE_COPY)

    def test_without_pipes_bulk_is_copied(self):
        spliced, copied = self.bulk(["pipe_pool_bytes=0"])
        self.assertEqual(spliced, 0)
        self.assertGreater(copied, 16 * MIB)


if __name__ == "__main__":
    case.main()
