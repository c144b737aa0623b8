"""A client whose network goes dark, without a FIN or an RST: packets are
dropped between two network namespaces, and both sides notice by themselves."""

import unittest

from harness import case, programs
from harness.programs import until

# 7 s idle, 3 probes 7 s apart, and some.
DEAD_AFTER = 7 + 3 * 7 + 7


@unittest.skipUnless(programs.IS_ROOT, "not root: no network namespaces")
class Darkness(case.Case):
    def setUp(self):
        super().setUp()
        self.wire = self.hosts("node", "client")
        # Control stays where it is, since it needs no network.
        self.the_relay = self.relay(at={"splice1": self.wire["node"]})

    def expose_over_there(self):
        with self.wire["client"].entered():
            return self.expose(self.the_relay.url, "127.0.0.1:1")

    def test_both_sides_notice_and_the_client_comes_back(self):
        exposed = self.expose_over_there()
        self.wire.cut("node", "client")
        self.the_relay.wait_metric("carrick_streams_ended_total", 1,
                                   DEAD_AFTER + programs.PATIENCE)
        until(lambda: exposed.logged("lost"), "the client notices",
              DEAD_AFTER + programs.PATIENCE)
        self.wire.heal()
        exposed.wait_logged("registered", count=2, timeout=30)


if __name__ == "__main__":
    case.main()
