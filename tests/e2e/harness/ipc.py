"""The nodes' IPC (proto/IPC.md) written by hand, over nanomsg's own framing,
for processes that speak nonsense or in another's name."""

import contextlib
import os
import socket
import struct

from . import programs

# SP over a stream: a header naming the socket's kind (PUSH = 0x50), then
# messages: 1 (an ipc message), a 64-bit length, the bytes.
_SP_PUSH = b"\0SP\0\0\x50\0\0"
_SP_PULL = b"\0SP\0\0\x51\0\0"

NODE_HELLO, NODE_READY, NODE_BEAT, NODE_BYE = 1, 2, 3, 4
CONN_OPEN, CONN_GONE, PAIR_ENDED, PAIR_LIST = 16, 19, 21, 22


def header(kind, epoch, to=0, major=1):
    return struct.pack(">BBBBQQ", kind, major, 0, 0, epoch, to)


def short_string(text):
    return bytes([len(text)]) + text.encode()


def hello(name, epoch):
    return header(NODE_HELLO, epoch) + short_string(name) + bytes(18)


def conn_open(epoch, to, conn, first):
    address = b"\0" * 10 + b"\xff\xff\x7f\0\0\1" + struct.pack(">H", 4242)
    return (header(CONN_OPEN, epoch, to) + struct.pack(">QBB", conn, 0, 0) +
            address * 2 + struct.pack(">H", len(first)) + first)


def batch(*messages):
    return b"".join(struct.pack(">H", len(m)) + m for m in messages)


class Pusher:
    """Connected to control's events like a node, but not one."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(programs.PATIENCE)
        self.sock.connect(path)
        self.sock.sendall(_SP_PUSH)
        greeting = self.sock.recv(8, socket.MSG_WAITALL)
        assert greeting == _SP_PULL, greeting

    def send(self, *messages):
        """In one batch."""
        self.send_raw(batch(*messages))

    def send_raw(self, whole):
        self.send_frame(1, len(whole), whole)

    def send_frame(self, kind, length, message):
        """A frame whose head lies."""
        self.sock.sendall(bytes([kind]) + struct.pack(">Q", length) + message)

    def close(self):
        self.sock.close()


def events_path(run_dir):
    return os.path.join(run_dir, "control.events.ipc")


def commands_path(run_dir, name):
    return os.path.join(run_dir, f"{name}.commands.ipc")


class Leaver:
    """Listens at path, as control or a node does, and ends just when it has
    greeted the first who comes."""

    def __init__(self, path):
        self._path = path
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        self._server = socket.socket(socket.AF_UNIX)
        self._server.settimeout(programs.PATIENCE)
        self._server.bind(path)
        os.chmod(path, 0o666)
        self._server.listen()

    def greet_and_leave(self):
        sock, _ = self._server.accept()
        with sock, self._server:
            os.unlink(self._path)
            greeting = sock.recv(8, socket.MSG_WAITALL)
            assert greeting == _SP_PUSH, greeting
            sock.sendall(_SP_PULL)
