"""What is said to a relay, and what strelaysrv answers: a table that is played
to strelaysrv and to ours.

A row plays a scene with a Stage, which returns what came back in words: the
messages, and whether the connection was then "open" or "closed". `theirs` is
what strelaysrv is known to answer; `ours` differs only where `why` says so.
"""

import os
import socket
import ssl
import struct
import time

from harness import syncthing
from harness.syncthing import (CONNECT, FULL, INVITATION, JOIN_RELAY,
                               JOIN_SESSION, PING, PONG, RESPONSE, context,
                               join_relay, join_session, message, opaque)

# How long a relay that still waits is listened to.
QUIET_S = 0.7
NAMES = {PING: "ping", PONG: "pong", FULL: "full"}
OPEN, CLOSED = "open", "closed"
UNKNOWN_KEY = bytes(range(0x40, 0x60))
JUNK = bytes(range(0x80, 0x80 + 64))


def word(answer):
    """A message that came, in words."""
    kind, payload = answer
    if kind == RESPONSE:
        code, length = struct.unpack(">iI", payload[:8])
        return f"{code} {payload[8:8 + length].decode()}"
    if kind == INVITATION:
        return "invitation"
    return NAMES.get(kind, f"message {kind}") + payload.hex()


class Stage:
    """A relay, and devices that it has never seen; of the newest session who
    had joined, with his stream, and who asked for him."""

    def __init__(self, test, url):
        self.test = test
        self.url = url
        self.folder = test.fresh_path("stage")
        os.mkdir(self.folder)
        self._devices = 0
        self.server = self.client = self.server_stream = None

    def device(self):
        self._devices += 1
        return syncthing.Device(
            os.path.join(self.folder, str(self._devices)), "p256")

    def stream(self, device=None, **options):
        stream = syncthing.Stream(self.url, device or self.device(), **options)
        self.test.addCleanup(stream.close)
        return stream

    def joined(self):
        device = self.device()
        stream = self.stream(device)
        stream.join()
        stream.device = device
        return stream

    def plain(self, *says):
        sock = self.url.connect(b"".join(says))
        self.test.addCleanup(sock.close)
        return sock

    def invited(self):
        """The two invitations of a session: to who asked, to who had joined.
        """
        server, client = self.joined(), self.device()
        asked = syncthing.ask(self.url, client, server.device.digest)
        self.server, self.client = server.device, client
        self.server_stream = server
        return asked, server.invitation()

    @staticmethod
    def heard(sock):
        """All that comes until it ends, or is quiet."""
        words = []
        while True:
            try:
                answer = syncthing.read_message(sock, QUIET_S)
            except (TimeoutError, ssl.SSLWantReadError):
                return [*words, OPEN]
            except OSError:
                return [*words, CLOSED]
            if answer is None:
                return [*words, CLOSED]
            words.append(word(answer))


class Row:
    def __init__(self, what, play, theirs, ours=None, why=None):
        assert (ours is None) == (why is None), what
        self.what = what
        self.play = play
        self.theirs = theirs
        self.ours = theirs if ours is None else ours
        self.why = why

    def come_to(self, stage):
        """What it comes to there: the words, or what went wrong."""
        try:
            return self.play(stage)
        except (AssertionError, OSError) as why:
            return f"{type(why).__name__}: {why}"


def tls(*says):
    """A device that has not joined says these, one by one."""
    def play(stage):
        stream = stage.stream()
        for say in says:
            stream.send(say)
        return stage.heard(stream.sock)
    return play


def after_join(*says):
    def play(stage):
        stream = stage.joined()
        for say in says:
            stream.send(say)
        return stage.heard(stream.sock)
    return play


def plain(*says):
    """The same without TLS: session mode."""
    def play(stage):
        return stage.heard(stage.plain(*says))
    return play


def handshake(ctx_of):
    """A handshake as ctx_of(device) wants it, and a join."""
    def play(stage):
        device = stage.device()
        try:
            stream = stage.stream(device, ctx=ctx_of(device))
            stream.send(join_relay())
        except OSError:
            return ["no handshake"]
        # With TLS 1.3 a client learns of its rejection when it reads.
        heard = stage.heard(stream.sock)
        return ["no handshake"] if heard == [CLOSED] else heard
    return play


def with_suite(suite):
    def ctx_of(device):
        ctx = context(device, version=ssl.TLSVersion.TLSv1_2)
        ctx.set_ciphers(suite)
        return ctx
    return handshake(ctx_of)


def two_links(device):
    with open(device.path, "a", encoding="ascii") as f, \
            open(device.path + ".crt", encoding="ascii") as more:
        f.write(more.read())
    return context(device)


def in_pieces(stage):
    stream = stage.stream()
    for byte in join_relay():
        stream.send(bytes([byte]))
    return stage.heard(stream.sock)


def second_of_a_device(stage):
    first = stage.joined()
    second = stage.stream(first.device)
    second.send(join_relay())
    # Ours asks whether the first is still there.
    try:
        if first.read(QUIET_S)[0] == PING:
            first.send(message(PONG))
    except TimeoutError:
        pass
    return stage.heard(second.sock) + stage.heard(first.sock)


def ask_for_one_who_joined(stage):
    server = stage.joined()
    stream = stage.stream()
    stream.send(message(CONNECT, opaque(server.device.digest)))
    return stage.heard(stream.sock)


def ask_for_oneself(stage):
    server = stage.joined()
    stream = stage.stream(server.device)
    stream.send(message(CONNECT, opaque(server.device.digest)))
    return stage.heard(stream.sock)


def ask_after_joining(stage):
    server, stream = stage.joined(), stage.joined()
    stream.send(message(CONNECT, opaque(server.device.digest)))
    return stage.heard(stream.sock)


def what_invitations_say(stage):
    asked, invited = stage.invited()
    return [asked.sender == stage.server.digest,
            invited.sender == stage.client.digest,
            asked.server_socket, invited.server_socket,
            len(asked.key), len(invited.key), asked.key != invited.key,
            asked.port == stage.url.port, invited.port == stage.url.port]


def address_in_invitations(stage):
    return [invitation.address.hex() for invitation in stage.invited()]


def bring(stage, key, early=b""):
    return stage.plain(join_session(key), early)


def first_is_let_in_at_once(stage):
    asked, _ = stage.invited()
    return stage.heard(bring(stage, asked.key))


def a_key_again(stage):
    asked, _ = stage.invited()
    first = bring(stage, asked.key)
    return stage.heard(first) + stage.heard(bring(stage, asked.key))


def let_in(stage, key, early=b""):
    sock = bring(stage, key, early)
    code = syncthing.code_of(syncthing.read_message(sock))
    assert code == syncthing.SUCCESS, code
    return sock


def session(stage, early=b""):
    """Both ends, let in one after the other."""
    asked, invited = stage.invited()
    return let_in(stage, asked.key, early), let_in(stage, invited.key)


def take(sock, n):
    sock.settimeout(QUIET_S)
    data = b""
    try:
        while len(data) < n:
            part = sock.recv(n - len(data))
            if not part:
                return [data, CLOSED]
            data += part
        return [data]
    except TimeoutError:
        return [data, OPEN]


def early_bytes(stage):
    _, accepted = session(stage, b"early")
    return take(accepted, 5)


def both_ways(stage):
    dialled, accepted = session(stage)
    dialled.sendall(b"there")
    accepted.sendall(b"and back")
    return take(accepted, 5) + take(dialled, 8)


def half_close(stage):
    dialled, accepted = session(stage)
    dialled.sendall(b"all")
    dialled.shutdown(socket.SHUT_WR)
    return take(accepted, 4)


def one_end_closed(stage):
    dialled, accepted = session(stage)
    dialled.close()
    return take(accepted, 1)


def joined_end_goes(stage):
    """The stream of a session's device ends."""
    dialled, accepted = session(stage)
    stage.server_stream.close()
    time.sleep(0.2)
    try:
        dialled.sendall(b"still")
        return take(accepted, 5)
    except OSError:
        return [b"", CLOSED]


def late_first_byte(stage):
    sock = stage.plain()
    time.sleep(1.5)
    try:
        sock.sendall(join_session(UNKNOWN_KEY))
    except OSError:
        return ["no answer"]
    # It is closed as soon as the garbage of strelaysrv is collected.
    heard = stage.heard(sock)
    return heard if len(heard) > 1 else ["no answer"]


def behind_a_silent_one(stage):
    """How soon a newcomer is answered while three others say nothing."""
    for _ in range(3):
        stage.plain()
    start = time.monotonic()
    sock = stage.plain(join_session(UNKNOWN_KEY))
    sock.settimeout(10)
    sock.recv(1)
    return ["at once" if time.monotonic() - start < 1 else "late"]


NOT_FOUND = "1 not found"
ALREADY = "2 already connected"
UNEXPECTED = "100 unexpected message"
SUCCESS = "0 success"

HANGS_SAYS = ("strelaysrv neither answers nor closes, and leaves the "
              "descriptor to its garbage collector")

ROWS = [
    # Protocol mode, not joined.
    Row("Ping", tls(message(PING)), ["pong", OPEN]),
    Row("Ping with a payload", tls(message(PING, b"more")), ["pong", OPEN]),
    Row("Pong", tls(message(PONG)), [OPEN]),
    Row("two messages in one", tls(message(PING) + join_relay()),
        ["pong", SUCCESS, OPEN]),
    Row("a message byte by byte", in_pieces, [SUCCESS, OPEN]),
    Row("JoinRelayRequest of before 1.22.1", tls(message(JOIN_RELAY)),
        [SUCCESS, OPEN]),
    Row("JoinRelayRequest with an empty token", tls(join_relay()),
        [SUCCESS, OPEN]),
    Row("JoinRelayRequest with a token that nobody wants",
        tls(join_relay(b"mySecretToken")), [SUCCESS, OPEN]),
    Row("JoinSessionRequest", tls(join_session(UNKNOWN_KEY)),
        [UNEXPECTED, CLOSED]),
    Row("Response", tls(syncthing.WELCOME), [UNEXPECTED, CLOSED]),
    Row("RelayFull", tls(message(FULL)), [UNEXPECTED, CLOSED]),
    Row("an unknown type", tls(message(8)), [CLOSED]),
    Row("a negative type", tls(message(-1)), [CLOSED]),
    Row("no magic", tls(b"GET / HTTP/1.0\r\n\r\n"), [CLOSED]),
    Row("a payload of 1025 bytes",
        tls(message(PING)[:8] + struct.pack(">i", 1025)), [CLOSED]),
    Row("a payload of -1 bytes",
        tls(message(PING)[:8] + struct.pack(">i", -1)), [CLOSED]),
    Row("ConnectRequest for nobody",
        tls(message(CONNECT, opaque(UNKNOWN_KEY))), [NOT_FOUND, CLOSED]),
    Row("ConnectRequest with a short ID",
        tls(message(CONNECT, opaque(b"short"))), [NOT_FOUND, CLOSED]),
    Row("ConnectRequest without an ID", tls(message(CONNECT, opaque(b""))),
        [NOT_FOUND, CLOSED]),
    Row("ConnectRequest with 33 bytes", tls(message(CONNECT,
                                                    opaque(bytes(33)))),
        [CLOSED]),
    Row("ConnectRequest for one who joined", ask_for_one_who_joined,
        ["invitation", CLOSED]),
    Row("ConnectRequest for oneself", ask_for_oneself,
        ["invitation", CLOSED]),

    # Protocol mode, joined.
    Row("Ping of one who joined", after_join(message(PING)), ["pong", OPEN]),
    Row("joining twice", after_join(join_relay()), [ALREADY, CLOSED]),
    Row("joining while the first is there", second_of_a_device,
        [ALREADY, CLOSED, OPEN]),
    Row("ConnectRequest of one who joined", ask_after_joining,
        ["invitation", CLOSED], [UNEXPECTED, CLOSED],
        "strelaysrv ends the joined connection with it, so devices ask on "
        "one of its own"),

    # TLS.
    Row("TLS 1.3", handshake(context), [SUCCESS, OPEN]),
    Row("TLS 1.2", with_suite("ECDHE-ECDSA-AES128-GCM-SHA256"),
        [SUCCESS, OPEN]),
    Row("TLS 1.2 with CBC", with_suite("ECDHE-ECDSA-AES128-SHA:@SECLEVEL=0"),
        [SUCCESS, OPEN]),
    Row("TLS 1.2 with ChaCha20", with_suite("ECDHE-ECDSA-CHACHA20-POLY1305"),
        ["no handshake"]),
    Row("TLS 1.2 without ECDHE", with_suite("AES128-GCM-SHA256"),
        ["no handshake"]),
    Row("another ALPN name",
        handshake(lambda device: context(device, alpn=("h2",))),
        ["no handshake"]),
    Row("no ALPN name",
        handshake(lambda device: context(device, alpn=())),
        [SUCCESS, OPEN], ["no handshake"],
        "the name tells this protocol from others on the port; every device "
        "has it and insists on it"),
    Row("no certificate", handshake(lambda device: context()),
        ["no handshake"]),
    Row("a certificate of two links", handshake(two_links),
        ["no handshake"]),

    # Invitations.
    Row("what stands in invitations", what_invitations_say,
        [True, True, 0, 1, 32, 32, True, True, True]),
    Row("the address in invitations", address_in_invitations,
        ["00000000000000000000ffff7f000001"] * 2, ["", ""],
        "an empty one stands for the address that the device reached the "
        "relay at: right through any NAT, and for both families"),

    # Session mode.
    Row("an unknown key", plain(join_session(UNKNOWN_KEY)),
        [NOT_FOUND, CLOSED]),
    Row("an empty key", plain(join_session(b"")), [NOT_FOUND, CLOSED]),
    Row("Ping in session mode", plain(message(PING)), [UNEXPECTED, CLOSED]),
    Row("JoinRelayRequest in session mode", plain(join_relay()),
        [UNEXPECTED, CLOSED]),
    Row("a key of 33 bytes", plain(join_session(bytes(33))), [OPEN],
        [NOT_FOUND, CLOSED], HANGS_SAYS),
    Row("an unknown type in session mode", plain(message(99)), [OPEN],
        [NOT_FOUND, CLOSED], HANGS_SAYS),
    Row("1025 bytes in session mode",
        plain(message(JOIN_SESSION)[:8] + struct.pack(">i", 1025)), [OPEN],
        [NOT_FOUND, CLOSED], HANGS_SAYS),
    Row("bytes of no protocol", plain(JUNK), [OPEN], [CLOSED], HANGS_SAYS),
    Row("the first of a session", first_is_let_in_at_once, [SUCCESS, OPEN]),
    Row("a key again", a_key_again, [SUCCESS, OPEN, NOT_FOUND, CLOSED]),
    Row("early bytes", early_bytes, [b"early"]),
    Row("both ways", both_ways, [b"there", b"and back"]),
    Row("half-close", half_close, [b"all", OPEN], [b"all", CLOSED],
        "strelaysrv keeps a FIN to itself until its idle timer fires"),
    Row("one end closes", one_end_closed, [b"", OPEN], [b"", CLOSED],
        "the same: the partner would wait for two minutes"),
    Row("the joined connection ends under a session", joined_end_goes,
        [b"", CLOSED], [b"still"],
        "sessions are the devices' own: they outlive their control "
        "connections, and our control"),
    Row("a first byte after 1.5 s", late_first_byte, ["no answer"],
        [NOT_FOUND, CLOSED],
        "strelaysrv reads first bytes one connection after the other, and "
        "gives each 1 s; ours waits for all at once"),
    Row("behind three who say nothing", behind_a_silent_one, ["late"],
        ["at once"], "the same"),
]


def play_all(play):
    """What each row came to, as play(row) has it."""
    came = {row.what: play(row) for row in ROWS}
    assert len(came) == len(ROWS)
    return came
