"""A client whose network goes dark, without a FIN or an RST: packets are
dropped between two network namespaces, and both sides notice by themselves."""

import subprocess
import unittest

from harness import case, netns, programs
from harness.programs import until
from harness.tx3 import Url

# 7 s idle, 3 probes 7 s apart, and some.
DEAD_AFTER = 7 + 3 * 7 + 7


@unittest.skipUnless(programs.IS_ROOT, "not root: no network namespaces")
class Darkness(case.Case):
    def setUp(self):
        super().setUp()
        try:
            self.hosts = netns.Namespaces()
        except (subprocess.CalledProcessError, FileNotFoundError) as e:
            self.skipTest(f"no network namespaces here: {e}")
        self.addCleanup(self.hosts.remove)
        # Control stays where it is, since it needs no network.
        self.the_relay = self.relay(
            listen=[f"{self.hosts.net}.1:0"],
            splice_prefix=["ip", "netns", "exec", self.hosts.relay])

    def expose_over_there(self):
        identity = self.identity()
        process = self.process(
            ["ip", "netns", "exec", self.hosts.client, programs.CARRICK,
             "expose", "--relay", str(self.the_relay.url), "--identity",
             identity.path, "127.0.0.1:1"])
        process.url = Url(process.line_with("tx3-rst://"))
        return process

    def test_both_sides_notice_and_the_client_comes_back(self):
        exposed = self.expose_over_there()
        self.hosts.go_dark()
        self.the_relay.wait_metric("carrick_streams_ended_total", 1,
                                   DEAD_AFTER + programs.PATIENCE)
        until(lambda: exposed.logged("lost"), "the client notices",
              DEAD_AFTER + programs.PATIENCE)
        self.hosts.come_back()
        exposed.wait_logged("registered", count=2, timeout=30)


if __name__ == "__main__":
    case.main()
