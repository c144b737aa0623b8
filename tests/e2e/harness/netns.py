"""Hosts of their own on one wire, in network namespaces (needs root, iproute2
and iptables). The namespaces have no names: they end with who is in them, so
that nothing is left behind whatever becomes of a test."""

import contextlib
import ctypes
import fcntl
import os
import socket
import struct
import subprocess

from . import programs
from .lateness import Lateness

_LIBC = ctypes.CDLL(None, use_errno=True)  # Python 3.11 has no os.setns
NETWORK = "10.78.0.0/24"
ROUTER, INSIDE = "10.79.0.1", "10.79.0.2"  # behind a gateway
_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_SET_FLAGS, _UP = 0x8914, 1  # netdevice(7): SIOCSIFFLAGS, IFF_UP
_HERE = "/proc/thread-self/ns/net"


def _call(function, *args):
    if function(*args) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), function.__name__)


def run(*args):
    subprocess.run(args, check=True, capture_output=True,
                   timeout=programs.PATIENCE)


def leave_neighbours():
    """Ports that others on this machine have, or had within the last minute,
    are no business of a test's: the calling thread, and what it starts, moves
    to a network of its own. Who may not have one shares theirs."""
    try:
        _call(_LIBC.unshare, _NEW_NETWORK)
    except PermissionError:
        return
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, _SET_FLAGS, struct.pack("16sh22x", b"lo", _UP))


def with_hosts_file(path):
    """The head of a command line: what it starts reads path as /etc/hosts."""
    return ["unshare", "--mount", "sh", "-c",
            'mount --bind "$0" /etc/hosts && exec "$@"', path]


class Host:
    """A network namespace; its address is on the wire."""

    network = NETWORK

    @staticmethod
    def port(usual):
        """The whole host is the test's."""
        return usual

    def __init__(self, address=None):
        self.address = address
        with self._home():
            _call(_LIBC.unshare, _NEW_NETWORK)
            self._fd = os.open(_HERE, os.O_RDONLY | os.O_CLOEXEC)
            run("ip", "link", "set", "lo", "up")
        self.path = f"/proc/{os.getpid()}/fd/{self._fd}"

    @staticmethod
    @contextlib.contextmanager
    def _home():
        """Whatever the calling thread enters, it comes back."""
        with open(_HERE, "rb") as home:
            try:
                yield
            finally:
                _call(_LIBC.setns, home.fileno(), _NEW_NETWORK)

    @contextlib.contextmanager
    def entered(self):
        """What is done within happens on that host: the sockets, threads and
        programs that are made there stay there. For the calling thread alone.
        """
        with self._home():
            _call(_LIBC.setns, self._fd, _NEW_NETWORK)
            yield

    def run(self, *args):
        with self.entered():
            run(*args)

    def rule(self, *rule):
        """For what comes in: never OUTPUT, where a sender is told of it."""
        self.run("iptables", "-w", "-A", "INPUT", "-i", "eth0", *rule)

    def without_rules(self):
        self.run("iptables", "-w", "-F", "INPUT")

    def close(self):
        os.close(self._fd)


class Hosts:
    """A host for each of names, 10.78.0.1 and on, and what befalls them."""

    def __init__(self, *names):
        self._wire = Host()
        self._hosts = {}
        self._late = None
        try:
            self._wire.run("ip", "link", "add", "wire", "type", "bridge")
            self._wire.run("ip", "link", "set", "wire", "up")
            for number, name in enumerate(names, 1):
                self._hosts[name] = Host(f"10.78.0.{number}")
                self._connect(name, self._hosts[name])
        except BaseException:
            self.remove()
            raise

    def _connect(self, name, host):
        """Its end is eth0; the wire's end has the host's name."""
        self._wire.run("ip", "link", "add", "name", name, "type", "veth",
                       "peer", "name", "eth0", "netns", host.path)
        self._wire.run("ip", "link", "set", "dev", name, "master", "wire", "up")
        host.run("ip", "addr", "add", f"{host.address}/24", "dev", "eth0")
        host.run("ip", "link", "set", "eth0", "up")

    def put_behind(self, gateway, name):
        """Another host, 10.79.0.2, that the wire reaches by what gateway
        forwards alone, and which reaches the wire in gateway's name."""
        router, host = self[gateway], Host(INSIDE)
        self._hosts[name] = host
        router.run("ip", "link", "add", "name", "inside", "type", "veth",
                   "peer", "name", "eth0", "netns", host.path)
        router.run("ip", "addr", "add", f"{ROUTER}/24", "dev", "inside")
        router.run("ip", "link", "set", "inside", "up")
        host.run("ip", "addr", "add", f"{INSIDE}/24", "dev", "eth0")
        host.run("ip", "link", "set", "eth0", "up")
        host.run("ip", "route", "add", "default", "via", ROUTER)
        router.run("sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward")
        router.run("iptables", "-w", "-t", "nat", "-A", "POSTROUTING",
                   "-o", "eth0", "-j", "MASQUERADE")

    def forward(self, gateway, port, to):
        """A port of gateway's to one of the host behind it."""
        self[gateway].run(
            "iptables", "-w", "-t", "nat", "-A", "PREROUTING", "-i", "eth0",
            "-p", "tcp", "--dport", str(port), "-j", "DNAT",
            "--to-destination", f"{INSIDE}:{to}")

    def __getitem__(self, name):
        return self._hosts[name]

    def cut(self, one, other):
        """Every packet between the two is dropped; no link goes down."""
        for here, there in ((one, other), (other, one)):
            self[here].rule("-s", self[there].address, "-j", "DROP")

    def lose(self, share):
        """So much of what comes to any of them, 0..1."""
        for host in self._hosts.values():
            host.rule("-m", "statistic", "--mode", "random", "--probability",
                      str(share), "-j", "DROP")

    def delay(self, seconds):
        """Every packet: a round trip takes twice as long."""
        self._late = Lateness(self._hosts.values(), seconds)
        for host in self._hosts.values():
            host.rule(*Lateness.RULE)

    def unplug(self, name):
        """Its link goes down, on both ends."""
        self._wire.run("ip", "link", "set", "dev", name, "down")

    def plug(self, name):
        self._wire.run("ip", "link", "set", "dev", name, "up")

    def heal(self):
        """Nothing is cut, lost or late any longer."""
        for host in self._hosts.values():
            host.without_rules()
        if self._late:
            self._late.stop()
            self._late = None

    def remove(self):
        if self._late:
            self._late.stop()
        for host in (self._wire, *self._hosts.values()):
            host.close()
