"""Reading /metrics, /healthz and the UNIX socket's /status."""

import http.client
import json
import re
import socket

from . import programs

_SAMPLE = re.compile(r"^([a-z_]+)(?:\{(.*)\})? (\S+)$")
_LABEL = re.compile(r'([a-z_]+)="([^"]*)"')


class Metrics:
    """One scrape. Every line must be understood."""

    def __init__(self, text):
        self.samples = []
        for line in text.splitlines():
            if not line or line.startswith("#"):
                continue
            match = _SAMPLE.match(line)
            assert match, f"not a sample: {line!r}"
            labels = dict(_LABEL.findall(match[2] or ""))
            self.samples.append((match[1], labels, float(match[3])))

    def names(self):
        return {name for name, _, _ in self.samples}

    def sum(self, name, **labels):
        """The sum over all samples of that name with these labels."""
        return sum(value for sample, have, value in self.samples
                   if sample == name and labels.items() <= have.items())


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=programs.PATIENCE)
        self._path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)


def get(connection, path, headers=None):
    """Status and body of one GET."""
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def get_tcp(address, path, headers=None):
    host, _, port = address.rpartition(":")
    return get(http.client.HTTPConnection(host.strip("[]"), int(port),
                                          timeout=programs.PATIENCE),
               path, headers)


def get_status(socket_path):
    status, body = get(UnixConnection(socket_path), "/status")
    assert status == 200, (status, body)
    return json.loads(body)
