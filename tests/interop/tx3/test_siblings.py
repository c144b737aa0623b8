"""Real nodes whose callers come in at another splice node."""

import nodes
from harness import case

N_CALLS = 20


class Siblings(nodes.Interop):
    def test_a_node_is_called_through_a_sibling_of_its_own(self):
        relay = self.relay(nodes=2, siblings=2)
        exposed = self.tx3_expose(relay, "echo")
        other = next(url for url in map(relay.url_at, relay.nodes)
                     if url.port != relay.url.port)
        other.digest = exposed.url.digest
        for n_bytes in (5, 1 << 20):
            self.nodes("call", "--url", str(other), "--bytes", str(n_bytes))
        relay.wait_metric("carrick_hops_total", 2)

    def test_many_one_after_the_other(self):
        relay = self.relay(nodes=3, siblings=3)
        exposed = self.tx3_expose(relay, "echo")
        for number in range(N_CALLS):
            node = relay.nodes[number % len(relay.nodes)]
            url = relay.url_at(node).with_digest(exposed.url.digest)
            self.nodes("call", "--url", str(url), "--bytes", "1000")


if __name__ == "__main__":
    case.main()
