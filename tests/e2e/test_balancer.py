"""Behind a balancer: the PROXY protocol, by a real one and by hand."""

import contextlib
import ipaddress
import os
import re
import shutil
import socket
import ssl
import struct
import unittest

from harness import backend, case, programs, tx3
from harness.programs import until
from harness.relay import free_port
from harness.tx3 import ControlStream, ended

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
LOCAL, PROXY = 0x20, 0x21
TCP4, TCP6, UNIX = 0x11, 0x21, 0x31
BALANCER = "127.0.0.2"  # whose word is believed, where the test is it
HAPROXY = shutil.which("haproxy", path=os.environ.get("PATH", "") +
                       ":/usr/local/sbin:/usr/sbin")
README = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                      "README.md")


def address_family(ip):
    return TCP4 if ipaddress.ip_address(ip).version == 4 else TCP6


def header2(command, family, body, length=None):
    length = len(body) if length is None else length
    return SIGNATURE + struct.pack(">BBH", command, family, length) + body


def proxy2(ip, port, tlvs=b""):
    """What a balancer says of a client there, in version 2."""
    source = ipaddress.ip_address(ip).packed
    return header2(PROXY, address_family(ip),
                   source + source + struct.pack(">HH", port, 7443) + tlvs)


def proxy1(ip, port):
    word = "TCP4" if address_family(ip) == TCP4 else "TCP6"
    return f"PROXY {word} {ip} {ip} {port} 7443\r\n".encode()


def tell_origin(sock):
    """A service that says what its own PROXY header says, and then echoes."""
    fixed = backend.read_exactly(sock, 16)
    _, family, length = struct.unpack(">BBH", fixed[12:])
    body = backend.read_exactly(sock, length)
    ip_len = 4 if family == TCP4 else 16
    port = struct.unpack(">H", body[2 * ip_len:][:2])[0]
    sock.sendall(f"{ipaddress.ip_address(body[:ip_len])} {port}\n".encode())
    backend.echo(sock)


class ByHand(case.Case):
    """The test is the balancer, at BALANCER; other addresses are strangers."""

    def balanced(self, control=(), splice=(), **options):
        return self.relay(
            control=[f"trusted_proxies=[{BALANCER}]", *control],
            splice=[f"trusted_proxies=[{BALANCER}]", *splice], **options)

    def say(self, relay, data, source=BALANCER):
        sock = relay.url.connect(data, source)
        self.addCleanup(sock.close)
        return sock

    def is_served(self, relay, header):
        """Whether a control stream can be had behind that header."""
        try:
            stream = ControlStream(relay.url, self.identity().path,
                                   source=BALANCER, header=header)
        except (OSError, ssl.SSLError):
            return False
        self.addCleanup(stream.close)
        return stream.is_registered()

    def refused(self, relay, reason, source):
        line = relay.control.wait_logged(" refused ", f"reason={reason}")[0]
        self.assertIn(f"source={source}", line)
        return line

    def test_each_form_of_header_is_served(self):
        relay = self.balanced()
        forms = {
            "v1": proxy1("192.0.2.1", 40000),
            "v1, IPv6": proxy1("2001:db8::1", 40000),
            "v1, unknown": b"PROXY UNKNOWN\r\n",
            "v2": proxy2("192.0.2.2", 40000),
            "v2, IPv6": proxy2("2001:db8:1::1", 40000),
            "v2, TLVs to the brim": proxy2("192.0.2.3", 1, bytes(520 - 12)),
            "v2, local": header2(LOCAL, 0, b""),
            "v2, local, and what a family": header2(LOCAL, UNIX, bytes(216)),
        }
        for name, header in forms.items():
            with self.subTest(form=name):
                self.assertTrue(self.is_served(relay, header))
        for source in ("192.0.2.1:40000", "[2001:db8::1]:40000",
                       "192.0.2.2:40000", "[2001:db8:1::1]:40000"):
            relay.control.wait_logged("client-registered", source)
        relay.control.wait_logged("client-registered", f"source={BALANCER}:",
                                  count=3)

    def test_a_client_is_told_the_believed_origin(self):
        relay = self.balanced()
        exposed = self.expose(relay.url, self.backend(tell_origin).address,
                              "--raw", "--proxy-protocol", "v2")
        for header in proxy1("192.0.2.7", 1234), proxy2("192.0.2.7", 1234):
            peer = self.say(relay, header + exposed.url.digest + b"hello")
            line = b"192.0.2.7 1234\n"
            self.assertEqual(backend.read_exactly(peer, len(line)), line)
            self.assertEqual(backend.read_exactly(peer, 5), b"hello")

    def test_one_byte_at_a_time(self):
        relay = self.balanced()
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        for header in proxy1("192.0.2.7", 1234), proxy2("192.0.2.7", 1234):
            peer = self.say(relay, b"")
            for byte in header + exposed.url.digest + b"hello":
                peer.sendall(bytes([byte]))
            self.assertEqual(backend.read_exactly(peer, 5), b"hello")

    def test_nonsense_from_the_balancer_is_refused(self):
        relay = self.balanced()
        nonsense = {
            "no header": relay.url.digest,
            "garbage": os.urandom(64),
            "port 65536": proxy1("192.0.2.7", 65536) + relay.url.digest,
            "endless": b"PROXY UNKNOWN" + b"x" * 200,
            "a UNIX socket": header2(PROXY, UNIX, bytes(216)),
            "UDP": header2(PROXY, 0x12, bytes(12)),
            "too long": header2(PROXY, TCP4, bytes(521)),
            "addresses too short": header2(PROXY, TCP4, bytes(11)),
        }
        for name, data in nonsense.items():
            with self.subTest(what=name):
                self.assertTrue(ended(self.say(relay, data)))
        relay.wait_metric("carrick_refused_total", len(nonsense),
                          reason="proxy_header")
        line = self.refused(relay, "proxy_header", BALANCER)
        self.assertIn("key=trusted_proxies", line)

    def test_a_header_from_a_stranger_is_refused(self):
        relay = self.balanced()
        for header in (proxy1("127.0.0.2", 1), proxy2("192.0.2.7", 1),
                       header2(LOCAL, 0, b"")):
            sock = self.say(relay, header + relay.url.digest, "127.0.0.3")
            self.assertTrue(ended(sock))
        line = self.refused(relay, "proxy_untrusted", "127.0.0.3:")
        self.assertIn("key=trusted_proxies", line)
        self.control_stream(relay.url)  # without one he is welcome

    def test_a_header_and_nothing_else_makes_no_noise(self):
        relay = self.balanced()
        for n, header in enumerate((header2(LOCAL, 0, b""),
                                    b"PROXY UNKNOWN\r\n",
                                    proxy2("192.0.2.7", 1)), 1):
            sock = self.say(relay, header)
            sock.shutdown(socket.SHUT_WR)
            self.assertTrue(ended(sock))
            relay.wait_metric("carrick_proxied_empty_total", n)
        self.assertFalse(relay.control.logged(" refused "))
        self.assertFalse(relay.nodes[0].logged("conn-closed"))

    def test_a_header_that_stops_has_one_timeout(self):
        relay = self.balanced(control=["connection_timeout_ms=1000"])
        sock = self.say(relay, proxy1("192.0.2.7", 1)[:-1])
        self.assertTrue(ended(sock))
        relay.wait_metric("carrick_splice_pending_ended_total", 1,
                          reason="preamble_timeout")

    def test_a_held_peer_is_shown_whole_to_the_next_control(self):
        relay = self.balanced()
        identity = self.identity()
        stream = self.control_stream(relay.url, identity)
        peer = self.say(relay, proxy2("192.0.2.7", 1) +
                        stream.own_url.digest + b"hello")
        first = stream.token()
        relay.control.kill()
        relay.start_control()
        relay.wait_nodes()
        stream = self.control_stream(relay.url, identity)
        second = stream.token()
        self.assertNotEqual(first, second)
        with relay.url.connect(second) as accepted:
            self.assertEqual(backend.read_exactly(accepted, 5), b"hello")
            accepted.sendall(b"well")
            self.assertEqual(backend.read_exactly(peer, 4), b"well")

    def test_the_node_counts_no_source_of_the_balancers(self):
        relay = self.balanced(splice=["max_connections_per_source=2"])
        for _ in range(4):
            self.say(relay, b"P")
        strangers = [self.say(relay, b"x", "127.0.0.3") for _ in range(3)]
        self.assertEqual(sum(ended(sock, 0.3) for sock in strangers), 1)
        relay.wait_metric("carrick_splice_connections", 6)
        line = relay.nodes[0].wait_logged(" source-limit ", "127.0.0.3")[0]
        self.assertIn("key=max_connections_per_source,trusted_proxies", line)


def readme_config(front, back, version):
    """What the README shows for HAProxy, between these addresses."""
    with open(README, encoding="utf-8") as f:
        block = re.search(r"```haproxy\n(.*?)```", f.read(), re.DOTALL)[1]
    block, n = re.subn(r"bind \S+", f"bind {front}", block)
    assert n == 1, block
    block, n = re.subn(r"(server \S+) \S+ send-proxy-v2 check",
                       rf"\1 {back} {version} check inter 200ms", block)
    assert n == 1, block
    return block


@unittest.skipUnless(HAPROXY, "not installed: haproxy")
class Haproxy(case.Case):
    """As the README has it; both are on this machine, so what is believed is
    127.0.0.1."""

    def balanced(self, version="send-proxy-v2", **options):
        port = free_port()
        trust = "trusted_proxies=[127.0.0.1]"
        relay = self.relay(
            control=[trust, f'advertise=["127.0.0.1:{port}"]'],
            splice=[trust], listen=["127.0.0.1:0"], **options)
        path = self.path("haproxy.cfg")
        with open(path, "w", encoding="ascii") as f:
            f.write(readme_config(f"127.0.0.1:{port}",
                                  relay.nodes[0].addresses[0], version))
        self.haproxy = self.process([HAPROXY, "-db", "-f", path])
        until(lambda: self.is_up(relay.url), "haproxy accepts")
        return relay

    @staticmethod
    def is_up(url):
        with contextlib.suppress(OSError):
            url.connect().close()
            return True
        return False

    def through(self, version):
        relay = self.balanced(version)
        exposed = self.expose(relay.url, self.backend(tell_origin).address,
                              "--proxy-protocol", "v2")
        raw = exposed.url.call(source="127.0.0.9")
        self.addCleanup(raw.close)
        with tx3.context(self.identity().path).wrap_socket(
                raw, server_hostname="tx3") as sock:
            line = sock.makefile("rb").readline().decode().strip()
            self.assertEqual(line, "%s %d" % sock.getsockname())
            data = os.urandom(1000)
            sock.sendall(data)
            self.assertEqual(backend.read_exactly(sock, 1000), data)

    def test_carrick_through_version_1(self):
        self.through("send-proxy")

    def test_carrick_through_version_2(self):
        self.through("send-proxy-v2")

    def test_bytes_and_ends_pass_as_without(self):
        relay = self.balanced()
        exposed = self.expose(relay.url,
                              self.backend(backend.checksum).address)
        forward = self.forward(exposed.url)
        data = os.urandom(8 << 20)
        self.assertEqual(backend.exchange(forward.address, data),
                         backend.expected_checksum(data))

    def streams_of(self, relay, source):
        """How many control streams a source gets, of one more than it may."""
        n = 0
        for _ in range(5):
            with contextlib.suppress(OSError, ssl.SSLError):
                stream = ControlStream(relay.url, self.identity().path,
                                       source=source)
                self.addCleanup(stream.close)
                n += stream.is_registered()
        return n

    def test_two_sources_have_their_four_control_streams_each(self):
        relay = self.balanced()
        for source in "127.0.0.7", "127.0.0.8":
            self.assertEqual(self.streams_of(relay, source), 4)
            relay.control.wait_logged(
                " refused ", f"source={source}:",
                "key=max_control_streams_per_source,trusted_proxies")

    def test_health_checks_are_not_logged(self):
        relay = self.balanced()
        relay.wait_metric("carrick_splice_pending_ended_total", 3)
        self.assertFalse(relay.control.logged(" refused "))
        self.assertFalse(relay.nodes[0].logged("conn-closed"))
        self.assertTrue(self.haproxy.is_alive())


if __name__ == "__main__":
    case.main()
