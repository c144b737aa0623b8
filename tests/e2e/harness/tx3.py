"""The tx3 protocol in Python's own TLS, to say what `carrick` never would."""

import base64
import hashlib
import re
import socket
import ssl
import subprocess

from . import programs

ALL_CLEAR = b"\x00"
_URL = re.compile(r"tx3-rst://(\[[^]]+\]|[^:/]+):(\d+)/([\w-]{43})")


class Url:
    """tx3-rst://HOST:PORT/DIGEST"""

    def __init__(self, text):
        match = _URL.search(text)
        assert match, f"no URL in {text!r}"
        self.host = match[1].strip("[]")
        self.port = int(match[2])
        self.digest = base64.urlsafe_b64decode(match[3] + "=")

    def __str__(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        text = base64.urlsafe_b64encode(self.digest).decode().rstrip("=")
        return f"tx3-rst://{host}:{self.port}/{text}"

    def with_digest(self, digest):
        other = Url(str(self))
        other.digest = digest
        return other

    def connect(self, say=b"", source=None, timeout=programs.PATIENCE):
        """A plain connection to the relay, which says `say` first. source:
        the address it comes from, such as another of 127.0.0.0/8."""
        sock = socket.create_connection(
            (self.host, self.port), timeout=timeout,
            source_address=(source, 0) if source else None)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(say)
        return sock

    def call(self, say=b"", source=None, timeout=programs.PATIENCE):
        """A peer's connection: the digest, then what follows at once."""
        return self.connect(self.digest + say, source, timeout)


class Identity:
    """A certificate and its key, made by `carrick id`."""

    def __init__(self, path):
        self.path = path
        subprocess.run([programs.CARRICK, "id", "--new", "--identity", path],
                       check=True, stdout=subprocess.DEVNULL,
                       timeout=programs.PATIENCE)
        with open(path, encoding="ascii") as f:
            self.pem = f.read()
        self.certificate = self.pem[self.pem.index("-----BEGIN CERT"):]
        self.certificate = self.certificate.partition("-----END CERTIFICATE")[0]
        self.certificate += "-----END CERTIFICATE-----\n"
        self.der = ssl.PEM_cert_to_DER_cert(self.certificate)
        self.digest = hashlib.sha256(self.der).digest()


def context(identity_path=None, version=ssl.TLSVersion.TLSv1_3):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    ctx.minimum_version = version
    ctx.maximum_version = version
    if identity_path:
        ctx.load_cert_chain(identity_path)
    return ctx


class ControlStream:
    """A registration: TLS over a connection that said the relay's digest.
    source: as for Url.connect; header: what is said before the digest."""

    def __init__(self, url, identity_path=None, ctx=None, source=None,
                 header=b""):
        self.url = url
        raw = url.connect(header + url.digest, source)
        try:
            self.sock = (ctx or context(identity_path)).wrap_socket(
                raw, server_hostname="tx3")
            self.relay_digest = hashlib.sha256(
                self.sock.getpeercert(binary_form=True)).digest()
            # TLS 1.3 tells a client of a refused certificate at the first
            # read.
            self.first = self.sock.recv(1)
        except BaseException:
            raw.close()
            raise

    def is_registered(self):
        return self.first == ALL_CLEAR

    def token(self, timeout=programs.PATIENCE):
        """The next notice: a splice token; what came, if the stream ended."""
        self.sock.settimeout(timeout)
        token = b""
        while len(token) < 32:
            part = self.sock.recv(32 - len(token))
            if not part:
                break
            token += part
        return token

    def accept(self, timeout=programs.PATIENCE):
        """Bring the next token back: a connection joined to the peer's."""
        return self.url.connect(self.token(timeout))

    def is_ended(self, timeout=programs.PATIENCE):
        """Whether the relay ends the stream in that time."""
        return ended(self.sock, timeout)

    def close(self):
        self.sock.close()


def ended(sock, timeout=programs.PATIENCE):
    """Whether the other side ends the connection in that time. Bytes that
    come first are a mistake."""
    sock.settimeout(timeout)
    try:
        got = sock.recv(1)
    except (TimeoutError, ssl.SSLWantReadError):
        return False
    except OSError:
        return True
    assert got == b"", f"a byte came instead of an end: {got!r}"
    return True


_P256_PUBLIC_KEY = bytes.fromhex("03420004")  # BIT STRING, uncompressed point


def key_of_another(victim):
    """A private key in PEM that claims the victim's public key but is not
    its: what somebody has who knows a certificate alone."""
    start = victim.der.index(_P256_PUBLIC_KEY) + 3
    point = victim.der[start:start + 65]
    body = (b"\x02\x01\x01" + b"\x04\x20" + b"\x11" * 32 +
            bytes.fromhex("a00a06082a8648ce3d030107") +
            b"\xa1\x44\x03\x42\x00" + point)
    der = b"\x30" + bytes([len(body)]) + body
    text = base64.encodebytes(der).decode()
    return ("-----BEGIN EC PRIVATE KEY-----\n" + text +
            "-----END EC PRIVATE KEY-----\n")


def server_context(identity_path):
    """For the accepting side's end-to-end TLS."""
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.minimum_version = ssl.TLSVersion.TLSv1_3
    ctx.load_cert_chain(identity_path)
    return ctx
