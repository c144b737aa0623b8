"""Small TCP services to stand behind `carrick expose`."""

import hashlib
import socket
import threading

from .programs import PATIENCE


def read_all(sock):
    """Everything up to the end of the stream."""
    parts = []
    while True:
        part = sock.recv(65536)
        if not part:
            return b"".join(parts)
        parts.append(part)


def read_exactly(sock, n):
    """n bytes; fewer if the stream ends first."""
    parts = b""
    while len(parts) < n:
        part = sock.recv(min(65536, n - len(parts)))
        if not part:
            break
        parts += part
    return parts


def echo(sock):
    """Every byte back as it comes, half-close after half-close."""
    while True:
        part = sock.recv(65536)
        if not part:
            break
        sock.sendall(part)
    sock.shutdown(socket.SHUT_WR)


def after_eof(sock):
    """Every byte back, but only when all of them are there."""
    sock.sendall(read_all(sock))
    sock.shutdown(socket.SHUT_WR)


def checksum(sock):
    """Reads to the end, then answers length and SHA-256."""
    digest, length = hashlib.sha256(), 0
    while True:
        part = sock.recv(65536)
        if not part:
            break
        digest.update(part)
        length += len(part)
    sock.sendall(f"{length} {digest.hexdigest()}\n".encode())
    sock.shutdown(socket.SHUT_WR)


def expected_checksum(data):
    return f"{len(data)} {hashlib.sha256(data).hexdigest()}\n".encode()


def greeter(text):
    """Says text first, then echoes."""
    def handle(sock):
        sock.sendall(text)
        echo(sock)
    return handle


def exchange(address, data):
    """The other end's part: say data, half-close, and what comes back, which
    may come at the same time."""
    def say():
        sock.sendall(data)
        sock.shutdown(socket.SHUT_WR)

    with socket.create_connection(address, timeout=PATIENCE) as sock:
        writer = threading.Thread(target=say)
        writer.start()
        answer = read_all(sock)
        writer.join(PATIENCE)
    return answer


class Backend:
    """handler(socket) in a thread of its own for each connection."""

    def __init__(self, handler=echo, host="127.0.0.1"):
        self._handler = handler
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self._listener = socket.create_server((host, 0), family=family,
                                              backlog=512)
        self.port = self._listener.getsockname()[1]
        self.address = (f"[{host}]" if ":" in host else host) + f":{self.port}"
        self.n_accepted = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.n_accepted += 1
            threading.Thread(target=self._serve, args=(sock,),
                             daemon=True).start()

    def _serve(self, sock):
        with sock:
            sock.settimeout(120)
            try:
                self._handler(sock)
            except OSError:
                pass  # the other end left: what the test sees is there

    def stop(self):
        # A close alone would leave accept(2) of the thread waiting.
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
