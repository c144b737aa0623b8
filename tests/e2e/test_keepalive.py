"""A client whose network goes dark, without a FIN or an RST: packets are
dropped between two network namespaces, and both sides notice by themselves."""

import os
import subprocess
import unittest

from harness import case, programs
from harness.programs import until
from harness.tx3 import Url

# 7 s idle, 3 probes 7 s apart, and some.
DEAD_AFTER = 7 + 3 * 7 + 7


def run(*args):
    subprocess.run(args, check=True, capture_output=True,
                   timeout=programs.PATIENCE)


class Namespaces:
    """Two hosts on one wire: relay 10.78.x.1, client 10.78.x.2."""

    def __init__(self):
        self.tag = f"ck{os.getpid() % 100000}"
        self.net = f"10.78.{os.getpid() % 250}"
        self.relay = f"{self.tag}r"
        self.client = f"{self.tag}c"
        for name in (self.relay, self.client):
            run("ip", "netns", "add", name)
        run("ip", "link", "add", f"{self.tag}a", "netns", self.relay, "type",
            "veth", "peer", "name", f"{self.tag}b", "netns", self.client)
        for name, end, number in ((self.relay, "a", 1), (self.client, "b", 2)):
            run("ip", "-n", name, "addr", "add", f"{self.net}.{number}/24",
                "dev", f"{self.tag}{end}")
            run("ip", "-n", name, "link", "set", "lo", "up")
            run("ip", "-n", name, "link", "set", f"{self.tag}{end}", "up")

    def go_dark(self):
        """Every packet between them is dropped; no link goes down."""
        for chain in ("INPUT", "OUTPUT"):
            run("ip", "netns", "exec", self.client, "iptables", "-A", chain,
                "-s" if chain == "INPUT" else "-d", f"{self.net}.1",
                "-j", "DROP")

    def come_back(self):
        run("ip", "netns", "exec", self.client, "iptables", "-F")

    def remove(self):
        for name in (self.relay, self.client):
            subprocess.run(["ip", "netns", "del", name], check=False,
                           capture_output=True, timeout=programs.PATIENCE)


@unittest.skipUnless(programs.IS_ROOT, "not root: no network namespaces")
class Darkness(case.Case):
    def setUp(self):
        super().setUp()
        try:
            self.hosts = Namespaces()
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
