"""Rates by the clock: of a pair, of a client's pairs, and of all. Pairs are
pumped by two workers, and some send, some receive, some do both.

CARRICK_LONG=1 measures for 10 s instead of 3."""

import contextlib
import os
import socket
import threading
import time

from harness import backend, case

WINDOW_S = 10 if os.environ.get("CARRICK_LONG") else 3
WARM_UP_S = 0.5  # what was saved up while nobody moved anything
BLOCK = bytes(65536)
UP, DOWN, BOTH = b"u", b"d", b"b"


class Meter:
    """Pairs that move as much as they may; .n_bytes is of each, both ways."""

    def __init__(self):
        self.n_bytes = []
        self._socks = []
        self._lock = threading.Lock()

    def _send(self, sock):
        try:
            while True:
                sock.sendall(BLOCK)
        except OSError:
            pass  # it is over

    def _receive(self, sock, i):
        buf = bytearray(1 << 18)
        try:
            while n := sock.recv_into(buf):
                with self._lock:
                    self.n_bytes[i] += n
        except OSError:
            pass

    def _work(self, sock, i, sends, receives):
        threads = [threading.Thread(target=target, args=args, daemon=True)
                   for wanted, target, args in (
                       (sends, self._send, (sock,)),
                       (receives, self._receive, (sock, i))) if wanted]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def serve(self, sock):
        """What a backend does with a pair: the caller says what."""
        kind, i = (b.to_bytes(1, "big") for b in backend.read_exactly(sock, 2))
        sock.settimeout(None)
        self._work(sock, i[0], kind != UP, kind != DOWN)

    def call(self, url, kind):
        i = len(self.n_bytes)
        self.n_bytes.append(0)
        sock = url.call(kind + bytes([i]))
        sock.settimeout(None)
        self._socks.append(sock)
        threading.Thread(target=self._work, daemon=True,
                         args=(sock, i, kind != DOWN, kind != UP)).start()

    def measure(self):
        """Bytes a second of each pair."""
        time.sleep(WARM_UP_S)
        began, before = time.monotonic(), list(self.n_bytes)
        time.sleep(WINDOW_S)
        after, ended = list(self.n_bytes), time.monotonic()
        return [(b - a) / (ended - began) for a, b in zip(before, after)]

    def end(self):
        """Let go of the pairs, if the relay has not done so by its end."""
        for sock in self._socks:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()


class Rates(case.Case):
    def setUp(self):
        super().setUp()
        self.meter = Meter()
        self.addCleanup(self.meter.end)

    def exposed(self, relay):
        target = self.backend(self.meter.serve)
        return self.expose(relay.url, target.address, "--raw").url

    def start(self, *limits, clients=1):
        relay = self.relay(control=list(limits), splice=["workers=2"])
        return [self.exposed(relay) for _ in range(clients)]

    def call(self, url, kinds):
        for kind in kinds:
            self.meter.call(url, kind)

    def measure(self, what):
        rates = self.meter.measure()
        print(f"{what}:", *(f"{rate / 1e6:.3f}" for rate in rates),
              f"= {sum(rates) / 1e6:.3f} MB/s", flush=True)
        return rates

    def assert_within(self, rate, expected):
        self.assertLess(abs(rate - expected), 0.1 * expected,
                        f"{rate:.0f} B/s for {expected:.0f}")

    def assert_shared(self, rates, total):
        self.assert_within(sum(rates), total)
        for rate in rates:
            self.assert_within(rate, total / len(rates))
        self.assertLessEqual(max(rates), 1.2 * min(rates))


class EachPair(Rates):
    RATE = 1_000_000

    def hold(self, kinds):
        (url,) = self.start(f"max_bytes_per_s_per_pair={self.RATE}")
        self.call(url, kinds)
        for rate in self.measure(f"{len(kinds)} pairs, 1 MB/s each"):
            self.assert_within(rate, self.RATE)

    def test_one_pair_has_its_rate(self):
        self.hold([UP])

    def test_two_pairs_have_each_its_rate_also_of_both_ways_together(self):
        self.hold([DOWN, BOTH])

    def test_eight_pairs_have_each_its_rate(self):
        self.hold([UP, DOWN] * 4)


class All(Rates):
    RATE = 4_000_000

    def hold(self, kinds, *more):
        (url,) = self.start(f"max_bytes_per_s={self.RATE}", *more)
        self.call(url, kinds)
        self.assert_shared(self.measure(f"{len(kinds)} pairs, 4 MB/s in all"), self.RATE)

    def test_one_pair_has_it_all(self):
        self.hold([DOWN])

    def test_two_pairs_have_half_each_though_one_moves_both_ways(self):
        self.hold([UP, BOTH])

    def test_eight_pairs_have_an_eighth_each(self):
        self.hold([UP, DOWN, BOTH, UP, DOWN, BOTH, UP, DOWN],
                  f"max_bytes_per_s_per_pair={self.RATE}")

    def test_the_tighter_of_two_rates_holds(self):
        (url,) = self.start(f"max_bytes_per_s={self.RATE}",
                            "max_bytes_per_s_per_pair=1500000")
        self.call(url, [UP, DOWN])
        for rate in self.measure("2 pairs, 4 MB/s in all, 1.5 each"):
            self.assert_within(rate, 1_500_000)


class EachClient(Rates):
    def test_clients_have_the_same_however_many_pairs_they_have(self):
        urls = self.start("max_bytes_per_s_per_client=2000000", clients=2)
        self.call(urls[0], [UP, DOWN])
        self.call(urls[1], [UP, DOWN, BOTH, UP, DOWN, UP])
        rates = self.measure("2 clients, 2 and 6 pairs, 2 MB/s each")
        self.assert_shared(rates[:2], 2_000_000)
        self.assert_shared(rates[2:], 2_000_000)


if __name__ == "__main__":
    case.main()
