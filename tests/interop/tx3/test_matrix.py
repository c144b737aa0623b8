"""The original relay and ours, each with original nodes and `carrick` on
either side: whoever speaks tx3 reaches whoever else does. All limits are the
defaults."""

import itertools
import os
import socket
import threading

import nodes
from harness import backend, case
from harness.programs import PATIENCE

PROGRAMS = ("tx3", "carrick")
BULK = 8 << 20  # bytes, each way
AT_ONCE = 50
QUIET_S = 0.3  # s in which an early byte would have come


class OfTx3:
    """Each role played by the crate."""

    @staticmethod
    def relay(test):
        return test.tx3_relay()

    @staticmethod
    def expose(test, relay, mode):
        return test.tx3_expose(relay, mode).url

    @staticmethod
    def echoes(test, url, length, n_calls=1):
        test.nodes("call", "--url", str(url), "--bytes", str(length),
                   "--connections", str(n_calls))

    @staticmethod
    def half_closes(test, url, length):
        test.nodes("call", "--url", str(url), "--bytes", str(length),
                   "--mode", "half-close")


class OfCarrick:
    """Each role played by our programs."""

    @staticmethod
    def relay(test):
        return test.relay()

    @staticmethod
    def expose(test, relay, mode):
        handler = {"echo": backend.echo, "after-eof": backend.after_eof}[mode]
        return test.expose(relay.url, test.backend(handler).address).url

    @staticmethod
    def echoes(test, url, length, n_calls=1):
        address = test.forward(url).address
        answers = {}

        def call(number):
            data = os.urandom(length)
            answers[number] = backend.exchange(address, data) == data
        calls = [threading.Thread(target=call, args=(number,))
                 for number in range(n_calls)]
        for thread in calls:
            thread.start()
        for thread in calls:
            thread.join(PATIENCE)
        test.assertEqual(answers, dict.fromkeys(range(n_calls), True))

    @staticmethod
    def half_closes(test, url, length):
        data = os.urandom(length)
        address = test.forward(url).address
        with socket.create_connection(address, timeout=PATIENCE) as sock:
            sock.sendall(data)
            sock.settimeout(QUIET_S)
            with test.assertRaises(TimeoutError, msg="a byte came early"):
                sock.recv(1)
            sock.settimeout(PATIENCE)
            sock.shutdown(socket.SHUT_WR)
            test.assertTrue(backend.read_all(sock) == data)


ROLES = {"tx3": OfTx3, "carrick": OfCarrick}


def echo(test, exposed, caller, relay):
    caller.echoes(test, exposed.expose(test, relay, "echo"), 5)


def bulk_both_ways(test, exposed, caller, relay):
    caller.echoes(test, exposed.expose(test, relay, "echo"), BULK)


def half_close(test, exposed, caller, relay):
    caller.half_closes(test, exposed.expose(test, relay, "after-eof"), 100000)


def fifty_at_once(test, exposed, caller, relay):
    url = exposed.expose(test, relay, "echo")
    caller.echoes(test, url, 10000, AT_ONCE)


class Matrix(nodes.Interop):
    """Filled below."""


def add(relay, caller, exposed, what):
    def test(self):
        what(self, ROLES[exposed], ROLES[caller], ROLES[relay].relay(self))
    setattr(Matrix, f"test_{caller}_calls_{exposed}_through_{relay}_relay_"
                    f"{what.__name__}", test)


for names in itertools.product(PROGRAMS, repeat=3):
    for case_ in (echo, bulk_both_ways, half_close, fifty_at_once):
        add(*names, case_)

if __name__ == "__main__":
    case.main()
