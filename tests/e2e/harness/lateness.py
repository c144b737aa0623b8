"""Packets that come late: netfilter hands a host's packets to this process by
netlink (NFQUEUE, headers alone) and keeps them until it lets them go. What
`tc netem` does in kernels that have it; those of small machines often do not.
"""

import collections
import selectors
import socket
import struct
import threading
import time

_NETFILTER = 12  # NETLINK_NETFILTER
_PACKET, _VERDICT, _CONFIG, _BATCH = 0x300, 0x301, 0x302, 0x303
_REQUEST, _ACK = 1, 4
_ACCEPT = 1
_QUEUE = 1
_MAX_WAITING = 65536
_SEGMENTS_STAY_WHOLE = 4  # NFQA_CFG_F_GSO
_TICK = 0.001


def _attribute(kind, value):
    head = struct.pack("=HH", 4 + len(value), kind)
    return head + value + b"\0" * (-len(value) % 4)


def _message(kind, flags, *attributes):
    body = struct.pack(">BBH", 0, 0, _QUEUE) + b"".join(attributes)
    return struct.pack("=IHHII", 16 + len(body), kind, flags, 0, 0) + body


def _packet_id(message):
    """The id in an NFQNL_MSG_PACKET, whose first attribute is its header."""
    offset = 20
    while offset < len(message):
        length, kind = struct.unpack_from("=HH", message, offset)
        if kind == 1:
            return struct.unpack_from(">I", message, offset + 4)[0]
        offset += length + -length % 4
    return None


class _Line:
    """The queue of one host; made in its namespace."""

    def __init__(self, seconds):
        self._seconds = seconds
        self._waiting = collections.deque()  # (due, id), oldest first
        self.sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                                  _NETFILTER)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        self.sock.bind((0, 0))
        self._configure(1, struct.pack(">BBH", 1, 0, 0))  # bind
        self._configure(2, struct.pack(">IB", 0, 1))  # headers alone
        self._configure(3, struct.pack(">I", _MAX_WAITING))
        self._configure(5, struct.pack(">I", _SEGMENTS_STAY_WHOLE),
                        _attribute(4, struct.pack(">I",
                                                  _SEGMENTS_STAY_WHOLE)))
        self.sock.setblocking(False)

    def _configure(self, kind, value, *more):
        self.sock.send(_message(_CONFIG, _REQUEST | _ACK,
                                _attribute(kind, value), *more))
        error = struct.unpack_from("=i", self.sock.recv(4096), 16)[0]
        if error:
            raise OSError(-error, "NFQUEUE")

    def take(self):
        """Note what has come, and when it is due."""
        while True:
            try:
                message = self.sock.recv(65536)
            except BlockingIOError:
                return
            except OSError:
                continue  # ENOBUFS: those packets are lost, as on any wire
            number = _packet_id(message)
            if number is not None:
                self._waiting.append((time.monotonic() + self._seconds,
                                      number))

    def let_go(self):
        """Everything that is due, by one verdict for all of it."""
        last = None
        while self._waiting and self._waiting[0][0] <= time.monotonic():
            last = self._waiting.popleft()[1]
        if last is not None:
            self.sock.send(_message(
                _BATCH, _REQUEST,
                _attribute(2, struct.pack(">II", _ACCEPT, last))))


class Lateness(threading.Thread):
    """Every packet that its hosts' rules queue comes `seconds` later."""

    RULE = ("-j", "NFQUEUE", "--queue-num", str(_QUEUE))

    def __init__(self, hosts, seconds):
        super().__init__(daemon=True)
        self._seconds = seconds
        self._lines = []
        self._is_over = threading.Event()
        for host in hosts:
            with host.entered():
                self._lines.append(_Line(seconds))
        self.start()

    def run(self):
        with selectors.DefaultSelector() as selector:
            for line in self._lines:
                selector.register(line.sock, selectors.EVENT_READ, line)
            while not self._is_over.is_set():
                for key, _ in selector.select(_TICK):
                    key.data.take()
                for line in self._lines:
                    line.let_go()

    def stop(self):
        """When the rules are gone: the last packets still come."""
        self._is_over.wait(self._seconds + 10 * _TICK)
        self._is_over.set()
        self.join()
        for line in self._lines:
            line.sock.close()
