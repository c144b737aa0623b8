"""Where a peer is: told by the relay's notices, and by `carrick expose` to the
service behind it."""

import base64
import ipaddress
import os
import socket
import struct

from harness import backend, case, programs, tx3

ALPN = "carrick/1"
SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"


class PlayedRelay:
    """A relay for one client, whose peers are where the test says."""

    def __init__(self, identity, alpn=None, has_origins=False):
        self._has_origins = has_origins
        self._digest = identity.digest
        self._ctx = tx3.server_context(identity.path)
        if alpn:
            self._ctx.set_alpn_protocols([alpn])
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(programs.PATIENCE)
        port = self._listener.getsockname()[1]
        text = base64.urlsafe_b64encode(self._digest).decode().rstrip("=")
        self.url = f"tx3-rst://127.0.0.1:{port}/{text}"
        self.stream = None

    def _accept(self, preamble):
        sock, _ = self._listener.accept()
        sock.settimeout(programs.PATIENCE)
        said = backend.read_exactly(sock, 32)
        assert said == preamble, said
        return sock

    def register(self):
        self.stream = self._ctx.wrap_socket(self._accept(self._digest),
                                            server_side=True)
        self.stream.sendall(tx3.ALL_CLEAR)

    def call(self, ip, port):
        """What the client's peer holds in its hands."""
        token = os.urandom(32)
        address = ipaddress.ip_address(ip)
        if address.version == 4:
            address = ipaddress.ip_address(f"::ffff:{ip}")
        origin = address.packed + struct.pack(">H", port)
        self.stream.sendall((origin if self._has_origins else b"") + token)
        return self._accept(token)

    def close(self):
        if self.stream:
            self.stream.close()
        self._listener.close()


def address_of(packed, port):
    address = ipaddress.ip_address(packed)
    mapped = getattr(address, "ipv4_mapped", None)
    return f"{f'::ffff:{mapped}' if mapped else address} {port}"


def tell_header(sock):
    """A service that answers what a PROXY header says, in words, and then
    echoes."""
    fixed = backend.read_exactly(sock, 16)
    command, family, length = struct.unpack(">BBH", fixed[12:])
    body = backend.read_exactly(sock, length)
    words = ["bad"]
    if fixed[:12] == SIGNATURE and command == 0x20:
        words = ["LOCAL", str(family), str(length)]
    elif fixed[:12] == SIGNATURE and command == 0x21:
        ip_len = {0x11: 4, 0x21: 16}[family]
        src, dst, rest = body[:ip_len], body[ip_len:-4], body[-4:]
        ports = struct.unpack(">HH", rest)
        words = ["PROXY", address_of(src, ports[0]), address_of(dst, ports[1])]
    sock.sendall(" ".join(words).encode() + b"\n")
    backend.echo(sock)


class ThroughThePair(case.Case):
    def check_origin(self, url, exposed, service):
        """Called at that URL of the relay, the service is told our address."""
        raw = url.with_digest(exposed.identity.digest).call()
        ip, port = raw.getsockname()[:2]
        with tx3.context(self.identity().path).wrap_socket(
                raw, server_hostname="tx3") as sock:
            line = sock.makefile("rb").readline().decode().strip()
        service_ip = "::ffff:127.0.0.1" if ":" in ip else "127.0.0.1"
        self.assertEqual(line,
                         f"PROXY {ip} {port} {service_ip} {service.port}")

    def test_the_service_is_told_where_ipv4_and_ipv6_peers_are(self):
        relay = self.relay()
        service = self.backend(tell_header)
        exposed = self.expose(relay.url, service.address,
                              "--proxy-protocol", "v2")
        for url in relay.urls:
            with self.subTest(url=str(url)):
                self.check_origin(url, exposed, service)
        self.assertFalse(exposed.logged("relay-dialect-refused"))


class ProxyProtocol(case.Case):
    def exposed(self, service, *options, **relay_options):
        """A played relay with `carrick expose` in front of service."""
        relay = PlayedRelay(self.identity(), **relay_options)
        self.addCleanup(relay.close)
        self.carrick("expose", "--relay", relay.url, "--identity",
                     self.identity().path, "--proxy-protocol", "v2", *options,
                     service.address)
        relay.register()
        return relay

    def heard(self, raw, tls=True):
        """What the service says of the peer, and that bytes follow."""
        sock = raw
        if tls:
            sock = tx3.context(self.identity().path).wrap_socket(
                raw, server_hostname="tx3")
        with sock, sock.makefile("rwb") as file:
            file.write(b"hello\n")
            file.flush()
            line = file.readline().decode().strip()
            self.assertEqual(file.readline(), b"hello\n")
        return line

    def test_an_ipv4_origin(self):
        service = self.backend(tell_header)
        relay = self.exposed(service, alpn=ALPN, has_origins=True)
        self.assertEqual(self.heard(relay.call("192.0.2.7", 40000)),
                         f"PROXY 192.0.2.7 40000 127.0.0.1 {service.port}")

    def test_an_ipv6_origin(self):
        service = self.backend(tell_header, host="::1")
        relay = self.exposed(service, alpn=ALPN, has_origins=True)
        self.assertEqual(self.heard(relay.call("2001:db8::7", 65535)),
                         f"PROXY 2001:db8::7 65535 ::1 {service.port}")

    def test_an_ipv6_origin_of_an_ipv4_service(self):
        service = self.backend(tell_header)
        relay = self.exposed(service, alpn=ALPN, has_origins=True)
        self.assertEqual(
            self.heard(relay.call("2001:db8::7", 1)),
            f"PROXY 2001:db8::7 1 ::ffff:127.0.0.1 {service.port}")

    def test_a_relay_that_tells_no_origin(self):
        service = self.backend(tell_header)
        relay = self.exposed(service)
        self.assertEqual(self.heard(relay.call("192.0.2.7", 1)), "LOCAL 0 0")

    def test_a_relay_of_the_later_head_has_to_be_named(self):
        service = self.backend(tell_header)
        relay = self.exposed(service, "--notice", "50", has_origins=True)
        self.assertEqual(self.heard(relay.call("192.0.2.7", 40000)),
                         f"PROXY 192.0.2.7 40000 127.0.0.1 {service.port}")

    def test_raw_bytes_have_the_header_too(self):
        service = self.backend(tell_header)
        relay = self.exposed(service, "--raw", alpn=ALPN, has_origins=True)
        self.assertEqual(
            self.heard(relay.call("192.0.2.7", 40000), tls=False),
            f"PROXY 192.0.2.7 40000 127.0.0.1 {service.port}")

    def test_without_the_option_there_is_no_header(self):
        service = self.backend(backend.echo)
        relay = PlayedRelay(self.identity(), alpn=ALPN, has_origins=True)
        self.addCleanup(relay.close)
        process = self.carrick("expose", "--relay", relay.url, "--identity",
                               self.identity().path, service.address)
        relay.register()
        ctx = tx3.context(self.identity().path)
        with ctx.wrap_socket(relay.call("192.0.2.7", 40000),
                             server_hostname="tx3") as sock:
            sock.sendall(b"x")
            self.assertEqual(sock.recv(1), b"x")
        process.wait_logged("guest-accepted", "origin=192.0.2.7:40000")


if __name__ == "__main__":
    case.main()
