"""Syncthing's relay protocol in Python's own TLS, to say what no device would,
and to see what comes when."""

import base64
import hashlib
import re
import socket
import ssl
import struct
import subprocess

from . import programs
from .tx3 import ended

ALPN = "bep-relay"
MAGIC = 0x9E79BC40
(PING, PONG, JOIN_RELAY, JOIN_SESSION, RESPONSE, CONNECT, INVITATION,
 FULL) = range(8)
SUCCESS, NOT_FOUND, ALREADY_CONNECTED, WRONG_TOKEN, UNEXPECTED = 0, 1, 2, 3, 100
_URL = re.compile(r"relay://(\[[^]]+\]|[^:/]+):(\d+)/\?id=([A-Z2-7-]{63})$")

KEYS = {
    "p384": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"],
    "p256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "rsa": ["-newkey", "rsa:3072"],
    "ed25519": ["-newkey", "ed25519"],
}


def opaque(data):
    return struct.pack(">I", len(data)) + data + bytes(-len(data) % 4)


def message(kind, payload=b""):
    return struct.pack(">Iii", MAGIC, kind, len(payload)) + payload


def join_relay(token=b""):
    return message(JOIN_RELAY, opaque(token))


def join_session(key):
    return message(JOIN_SESSION, opaque(key))


def response(code, words):
    return message(RESPONSE, struct.pack(">i", code) + opaque(words))


WELCOME = response(SUCCESS, b"success")


class Url:
    """relay://HOST:PORT/?id=DEVICE-ID"""

    def __init__(self, text):
        match = _URL.search(text)
        assert match, f"no URL of a Syncthing relay in {text!r}"
        self.host = match[1].strip("[]")
        self.port = int(match[2])
        self.id = match[3]

    def __str__(self):
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"relay://{host}:{self.port}/?id={self.id}"

    def connect(self, say=b""):
        """A plain connection to the relay, which says `say` first."""
        sock = socket.create_connection((self.host, self.port),
                                        timeout=programs.PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.sendall(say)
        return sock


def device_id(digest):
    """The text of an ID, by a code of its own."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    text = base64.b32encode(digest).decode().rstrip("=")
    blocks = [text[i:i + 13] for i in range(0, 52, 13)]
    checked = ""
    for block in blocks:
        total = 0
        for i, c in enumerate(block):
            total += sum(divmod(alphabet.index(c) * (1 + i % 2), 32))
        checked += block + alphabet[-total % 32]
    return "-".join(checked[i:i + 7] for i in range(0, 56, 7))


class Device:
    """A certificate as Syncthing makes them: one link that signs itself."""

    def __init__(self, path, key="p384"):
        self.path = path
        subprocess.run(
            ["openssl", "req", "-x509", "-nodes", *KEYS[key], "-subj",
             "/CN=syncthing", "-days", "7300", "-keyout", path, "-out",
             path + ".crt"],
            check=True, capture_output=True, timeout=programs.PATIENCE)
        with open(path + ".crt", encoding="ascii") as f:
            certificate = f.read()
        with open(path, "a", encoding="ascii") as f:
            f.write(certificate)
        self.digest = hashlib.sha256(
            ssl.PEM_cert_to_DER_cert(certificate)).digest()
        self.id = device_id(self.digest)


def context(device=None, alpn=(ALPN,), version=None):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    if alpn:
        ctx.set_alpn_protocols(list(alpn))
    if version:
        ctx.maximum_version = version
    if device:
        ctx.load_cert_chain(device.path)
    return ctx


def _read(sock, n):
    data = b""
    while len(data) < n:
        part = sock.recv(n - len(data))
        if not part:
            break
        data += part
    return data


def read_message(sock, timeout=programs.PATIENCE):
    """(type, payload); None: the connection ended first."""
    sock.settimeout(timeout)
    header = _read(sock, 12)
    if not header:
        return None
    magic, kind, length = struct.unpack(">Iii", header)
    assert magic == MAGIC, header
    return kind, _read(sock, length)


def code_of(answer):
    """Of a Response; anything else is a mistake."""
    assert answer and answer[0] == RESPONSE, answer
    return struct.unpack(">i", answer[1][:4])[0]


class Invitation:
    def __init__(self, payload):
        fields, rest = [], payload
        for _ in range(3):
            n = struct.unpack(">I", rest[:4])[0]
            fields.append(rest[4:4 + n])
            rest = rest[4 + n + -n % 4:]
        self.sender, self.key, self.address = fields
        self.port, self.server_socket = struct.unpack(">II", rest)


class Stream:
    """A connection in protocol mode."""

    def __init__(self, url, device=None, ctx=None):
        self.url = url
        raw = url.connect()
        try:
            self.sock = (ctx or context(device)).wrap_socket(raw)
        except BaseException:
            raw.close()
            raise

    def send(self, data):
        self.sock.sendall(data)

    def read(self, timeout=programs.PATIENCE):
        return read_message(self.sock, timeout)

    def join(self, token=b""):
        """The code that the relay answers."""
        self.send(join_relay(token))
        return code_of(self.read())

    def invitation(self, timeout=programs.PATIENCE):
        kind, payload = self.read(timeout)
        assert kind == INVITATION, (kind, payload)
        return Invitation(payload)

    def is_ended(self, timeout=programs.PATIENCE):
        return ended(self.sock, timeout)

    def close(self):
        self.sock.close()


def ask(url, device, wanted):
    """A dial: the invitation to a session with the device of that digest, or
    the answer's code."""
    stream = Stream(url, device)
    try:
        stream.send(message(CONNECT, opaque(wanted)))
        kind, payload = stream.read()
        assert stream.is_ended()
        if kind == INVITATION:
            return Invitation(payload)
        return code_of((kind, payload))
    finally:
        stream.close()


def bring(url, key, early=b""):
    """A session's connection that says its key and was let in."""
    sock = url.connect(join_session(key) + early)
    assert _read(sock, len(WELCOME)) == WELCOME
    return sock
