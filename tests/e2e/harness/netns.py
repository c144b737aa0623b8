"""Two hosts on one wire, in network namespaces (needs root and iptables)."""

import contextlib
import ctypes
import os
import subprocess

from . import programs

_LIBC = ctypes.CDLL(None, use_errno=True)  # Python 3.11 has no os.setns


def _enter(path):
    """The calling thread alone; a socket stays where it was made."""
    with open(path, "rb") as f:
        if _LIBC.setns(f.fileno(), 0) != 0:
            raise OSError(ctypes.get_errno(), "setns", path)


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

    @contextlib.contextmanager
    def as_client(self):
        """What is done within happens on the client's host."""
        with open("/proc/thread-self/ns/net", "rb") as home:
            _enter(f"/run/netns/{self.client}")
            try:
                yield
            finally:
                _enter(f"/proc/self/fd/{home.fileno()}")

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
