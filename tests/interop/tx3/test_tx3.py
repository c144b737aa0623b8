"""Real tx3 nodes through the relay; $TX3_INTEROP is their program."""

import os
import subprocess

from harness import backend, case, tx3
from harness.programs import until

# All callers here are one source, whose share of what is pending is raised.
ROOM_FOR_50 = {"control": ["max_relays_per_client=256"],
               "splice": ["max_asks_per_source=256"]}
NODES = os.environ["TX3_INTEROP"]
TIMEOUT = 240  # s, for what one run of the nodes may take


class Interop(case.Case):
    def nodes(self, *args):
        """A run of the nodes' program that ends by itself, with 0."""
        done = subprocess.run(
            [NODES, *args, "--timeout-s", str(TIMEOUT)], text=True,
            capture_output=True, check=False, timeout=TIMEOUT + 10)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def tx3_expose(self, relay, mode, *args):
        """A tx3 node that waits behind the relay; its .url is its own."""
        process = self.process([NODES, "expose", "--relay", str(relay.url),
                                "--mode", mode, "--timeout-s", "0", *args])
        process.url = tx3.Url(process.line())
        return process

    def assert_spliced(self, relay):
        metrics = relay.metrics()
        spliced, copied = (metrics.sum(f"carrick_splice_bytes_{how}_total")
                           for how in ("spliced", "copied"))
        self.assertGreaterEqual(spliced, 0.99 * (spliced + copied))


class Tx3ToTx3(Interop):
    def test_a_pair_5_bytes_and_64_mib_each_way(self):
        relay = self.relay()
        self.nodes("pair", "--relay", str(relay.url), "--bytes", "64M")
        relay.wait_metric("carrick_splice_bytes_spliced_total", 128 << 20)
        self.assert_spliced(relay)

    def test_a_pair_without_pipes(self):
        relay = self.relay(splice=["pipe_pool_bytes=0"])
        self.nodes("pair", "--relay", str(relay.url), "--bytes", "64M")
        relay.wait_metric("carrick_splice_bytes_copied_total", 128 << 20)

    def test_fifty_calls_at_once(self):
        relay = self.relay(**ROOM_FOR_50)
        exposed = self.tx3_expose(relay, "echo")
        self.nodes("call", "--url", str(exposed.url), "--connections", "50",
                   "--bytes", "256k")

    def test_half_close_passes_on(self):
        relay = self.relay()
        exposed = self.tx3_expose(relay, "after-eof")
        self.nodes("call", "--url", str(exposed.url), "--mode", "half-close",
                   "--bytes", "1M")

    def test_over_ipv6(self):
        relay = self.relay()
        self.nodes("pair", "--relay", str(relay.urls[1]), "--bytes", "1M")

    def test_a_node_that_never_accepts_costs_its_peer_the_deadline(self):
        relay = self.relay(control=["connection_timeout_ms=500"])
        exposed = self.tx3_expose(relay, "ignore")
        with exposed.url.call() as peer:
            self.assertTrue(tx3.ended(peer))


class WithCarrick(Interop):
    def test_carrick_calls_a_tx3_node(self):
        relay = self.relay()
        exposed = self.tx3_expose(relay, "sink")
        data = os.urandom(8 << 20)
        done = self.run_carrick("connect", str(exposed.url), input=data)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, backend.expected_checksum(data))

    def test_a_tx3_node_calls_carrick(self):
        relay = self.relay()
        exposed = self.expose(relay.url, self.backend().address)
        self.nodes("call", "--url", str(exposed.url), "--bytes", "8M")

    def test_fifty_tx3_callers_of_carrick_at_once(self):
        relay = self.relay(**ROOM_FOR_50)
        exposed = self.expose(relay.url, self.backend().address)
        self.nodes("call", "--url", str(exposed.url), "--connections", "50",
                   "--bytes", "64k")
        until(lambda: relay.metrics().sum("carrick_splice_pairs") == 0,
              "all pairs have ended")

    def test_the_second_peer_fails_while_the_first_lives(self):
        relay = self.relay(control=["max_relays_per_client=1"])
        exposed = self.tx3_expose(relay, "echo")
        with exposed.url.call() as first:
            with exposed.url.call() as second:
                self.assertTrue(tx3.ended(second))
            self.assertFalse(tx3.ended(first, 0.3))


if __name__ == "__main__":
    case.main()
