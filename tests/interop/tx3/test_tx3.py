"""Real tx3 nodes through our relay: bulk, and what is a case of its own."""

import os

import nodes
from harness import backend, case, tx3


class Interop(nodes.Interop):
    def assert_spliced(self, relay):
        metrics = relay.metrics()
        spliced, copied = (metrics.sum(f"carrick_splice_bytes_{how}_total")
                           for how in ("spliced", "copied"))
        self.assertGreaterEqual(spliced, 0.99 * (spliced + copied))

    def test_a_pair_5_bytes_and_64_mib_each_way(self):
        relay = self.relay()
        self.nodes("pair", "--relay", str(relay.url), "--bytes", "64M")
        relay.wait_metric("carrick_splice_bytes_spliced_total", 128 << 20)
        self.assert_spliced(relay)

    def test_a_pair_without_pipes(self):
        relay = self.relay(splice=["pipe_pool_bytes=0"])
        self.nodes("pair", "--relay", str(relay.url), "--bytes", "64M")
        relay.wait_metric("carrick_splice_bytes_copied_total", 128 << 20)

    def test_over_ipv6(self):
        relay = self.relay()
        self.nodes("pair", "--relay", str(relay.urls[1]), "--bytes", "1M")

    def test_a_node_that_never_accepts_costs_its_peer_the_deadline(self):
        relay = self.relay(control=["connection_timeout_ms=500"])
        exposed = self.tx3_expose(relay, "ignore")
        with exposed.url.call() as peer:
            self.assertTrue(tx3.ended(peer))

    def test_carrick_connect_calls_a_tx3_node(self):
        relay = self.relay()
        exposed = self.tx3_expose(relay, "sink")
        data = os.urandom(8 << 20)
        done = self.run_carrick("connect", str(exposed.url), input=data)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, backend.expected_checksum(data))


if __name__ == "__main__":
    case.main()
