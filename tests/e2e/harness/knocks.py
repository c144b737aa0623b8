"""Connections that keep coming, to see whether any is turned away.

usage: CARRICK_BIN_DIR=... python3 -m harness.knocks URL
"""

import concurrent.futures
import os
import sys
import time

from .programs import PATIENCE, until
from .tx3 import Url

N_KNOCKS = 500
IN_SECONDS = 3


class Knocks:
    """So many connections within so many seconds, each from a source of its
    own. Each names a client that nobody is, so the relay's answer is to end
    it: to be refused, or reset, is to be turned away by the kernel."""

    def __init__(self, url):
        self.url = url
        self.n_begun = 0
        self.failures = []
        self._pool = concurrent.futures.ThreadPoolExecutor(N_KNOCKS)
        self._knocker = self._pool.submit(self._knock_all)

    def _knock_all(self):
        knocks = []
        for i in range(N_KNOCKS):
            knocks.append(self._pool.submit(self._knock, i))
            self.n_begun = i
            time.sleep(IN_SECONDS / N_KNOCKS)
        for knock in knocks:
            knock.result()

    def _knock(self, i):
        source = f"127.{1 + i // 250}.0.{1 + i % 250}"
        try:
            with self.url.connect(os.urandom(32), source) as sock:
                got = sock.recv(1)
            assert got == b"", got
        except (OSError, AssertionError) as e:
            self.failures.append((i, e))

    def wait_begun(self, n):
        until(lambda: self.n_begun >= n, f"{n} connections have begun")

    def finish(self):
        self._knocker.result(3 * PATIENCE)
        self._pool.shutdown()


def main():
    knocks = Knocks(Url(sys.argv[1]))
    knocks.finish()
    for failure in knocks.failures:
        print(*failure)
    sys.exit(1 if knocks.failures else 0)


if __name__ == "__main__":
    main()
