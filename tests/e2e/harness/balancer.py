"""One address for several nodes, as a TCP balancer gives it."""

import socket
import threading

from .programs import PATIENCE


def _pump(source, sink):
    """Bytes one way, and the end behind them; a reset is no orderly end."""
    try:
        while part := source.recv(65536):
            sink.sendall(part)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        for sock in (source, sink):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Balancer:
    """Everybody to the first of `addresses` ("HOST:PORT") that answers: what
    a node that is gone would get goes to the next one."""

    def __init__(self, addresses):
        self.addresses = list(addresses)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        self.port = self._listener.getsockname()[1]
        self.n_to = {address: 0 for address in self.addresses}
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,),
                             daemon=True).start()

    def _connect(self):
        for address in self.addresses:
            host, _, port = address.rpartition(":")
            try:
                sock = socket.create_connection((host, int(port)), PATIENCE)
            except OSError:
                continue
            self.n_to[address] += 1
            sock.settimeout(None)
            return sock
        return None

    def _serve(self, client):
        with client:
            node = self._connect()
            if node is None:
                return
            with node:
                for sock in (client, node):
                    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                back = threading.Thread(target=_pump, args=(node, client),
                                        daemon=True)
                back.start()
                _pump(client, node)
                back.join()

    def stop(self):
        # A close alone would leave accept(2) of the thread waiting.
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
