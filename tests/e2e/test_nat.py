"""A splice node behind NAT: control and a sibling reach it by what the gateway
forwards, at other ports than its own."""

import unittest

from harness import case, programs
from harness.links import ACCEPT, COMMANDS, PUBLIC
from harness.tx3 import Url

SHIFT = 1000  # from the gateway's ports to the node's


@unittest.skipUnless(programs.IS_ROOT, "not root: no network namespaces")
class BehindNat(case.Case):
    def setUp(self):
        super().setUp()
        self.wire = self.hosts("control", "gateway", "outside", "users")
        self.wire.put_behind("gateway", "inside")
        for port in (PUBLIC, COMMANDS, ACCEPT):
            self.wire.forward("gateway", SHIFT + port, port)
        self.gateway = self.wire["gateway"].address
        self.the_relay = self.relay(
            nodes=0, control=[f'advertise=["{self.at_gateway(PUBLIC)}"]'],
            at={"control": self.wire["control"],
                "splice1": self.wire["inside"],
                "splice2": self.wire["outside"]})
        self.enterContext(self.wire["users"].entered())

    def at_gateway(self, port):
        return f"{self.gateway}:{SHIFT + port}"

    def siblings(self, *addresses):
        listed = ", ".join(f'"{address}"' for address in addresses)
        return f"siblings=[{listed}]"

    def start_inside(self, *settings):
        outside = f"{self.wire['outside'].address}:{ACCEPT}"
        return self.the_relay.start_node(1, [self.siblings(outside),
                                             *settings])

    def call(self, exposed, through):
        url = Url(str(through)).with_digest(exposed.identity.digest)
        done = self.run_carrick("ping", str(url))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_it_says_where_it_is_reached(self):
        self.start_inside(
            f"commands_advertise={self.at_gateway(COMMANDS)}",
            f"accept_advertise={self.at_gateway(ACCEPT)}")
        self.the_relay.start_node(
            2, [self.siblings(self.at_gateway(ACCEPT))])
        self.the_relay.wait_nodes()
        inside, outside = self.the_relay.url, Url(str(self.the_relay.url))
        outside.host, outside.port = self.wire["outside"].address, PUBLIC
        backend = self.backend().address
        for here in (inside, outside):
            exposed = self.expose(here, backend)
            for there in (inside, outside):
                self.call(exposed, there)
        self.assertEqual(
            self.the_relay.metrics().sum("carrick_hops_total"), 2)

    def test_what_it_is_bound_to_leads_nowhere(self):
        node = self.start_inside()
        node.wait_logged("control-silent")
        self.assertTrue(self.the_relay.control.logged("node-refused"))


if __name__ == "__main__":
    case.main()
