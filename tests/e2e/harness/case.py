"""The test case all themes start from, and their main()."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

from . import netns, programs
from .backend import Backend
from .process import Process
from .relay import Relay
from .tx3 import ControlStream, Identity, Url


class Case(unittest.TestCase):
    """Everything that a test starts ends with it, in good order: a daemon
    that does not leave with 0, or that a sanitizer speaks of, fails it."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="carrick-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self._processes = []
        self._n = 0

    def path(self, name):
        return os.path.join(self.folder, name)

    def fresh_path(self, stem):
        self._n += 1
        return self.path(f"{stem}{self._n}")

    def relay(self, nodes=1, **options):
        folder = self.fresh_path("relay")
        os.mkdir(folder)
        os.chmod(self.folder, 0o711)
        relay = Relay(folder, **options)
        self.addCleanup(self._end_relay, relay)
        relay.start(nodes)
        return relay

    def _end_relay(self, relay):
        self._processes += relay.processes
        for name, status in relay.stop():
            self.assertEqual(status, 0, f"{name} ended with {status}")
        for process in relay.processes:
            self.assertEqual(process.sanitizer_report(), "")

    def hosts(self, *names):
        """Hosts on a wire of their own; without, the test is skipped."""
        try:
            hosts = netns.Hosts(*names)
        except (OSError, subprocess.CalledProcessError) as e:
            self.skipTest(f"no network namespaces here: {e}")
        self.addCleanup(hosts.remove)
        return hosts

    def process(self, argv, **options):
        process = Process(argv, self.fresh_path("log"), **options)
        self._processes.append(process)
        self.addCleanup(self._end_process, process)
        return process

    def _end_process(self, process):
        process.stop()
        self.assertEqual(process.sanitizer_report(), "")

    def carrick(self, *args, **options):
        """A client that stays."""
        return self.process([programs.CARRICK, *args], **options)

    def run_carrick(self, *args, **options):
        """A client that ends by itself."""
        options.setdefault("timeout", programs.PATIENCE)
        if "input" not in options:
            options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run([programs.CARRICK, *args], capture_output=True,
                              check=False, **options)

    def identity(self):
        return Identity(self.fresh_path("identity"))

    def backend(self, *args, **options):
        backend = Backend(*args, **options)
        self.addCleanup(backend.stop)
        return backend

    def expose(self, relay_url, backend_address, *options, identity=None):
        """`carrick expose`, registered; its .url is what callers use."""
        identity = identity or self.identity()
        process = self.carrick("expose", "--relay", str(relay_url),
                               "--identity", identity.path, *options,
                               backend_address)
        process.url = Url(process.line_with("tx3-rst://"))
        process.identity = identity
        return process

    def forward(self, url, *options, listen="127.0.0.1:0"):
        """`carrick forward`, listening; its .address is (host, port)."""
        process = self.carrick("forward", *options, str(url), listen)
        line = process.line()
        host, _, port = line.split()[-1].rpartition(":")
        process.address = (host.strip("[]"), int(port))
        return process

    def control_stream(self, url, identity=None):
        """A registered control stream, by Python."""
        identity = identity or self.identity()
        stream = ControlStream(url, identity.path)
        self.addCleanup(stream.close)
        self.assertTrue(stream.is_registered())
        stream.identity = identity
        stream.own_url = url.with_digest(identity.digest)
        return stream

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        if len(result.failures) + len(result.errors) > before:
            self._print_logs()
        return result

    def _print_logs(self):
        for process in self._processes:
            print(f"--- log of {' '.join(process.argv)}", file=sys.stderr)
            print(process.last_words, file=sys.stderr)


def run_openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True,
                   timeout=programs.PATIENCE)


class _Result(unittest.TextTestResult):
    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        print(f"SKIP {test.id()}: {reason}", flush=True)


def main(own_network=True):
    """Run the file's tests. 77 if all were skipped; where skips are not
    wanted, one is a failure. own_network: unless they are about what runs on
    this machine already."""
    if own_network:
        netns.leave_neighbours()
    program = unittest.main(
        module="__main__", exit=False, verbosity=2,
        testRunner=unittest.TextTestRunner(resultclass=_Result, verbosity=2))
    result = program.result
    if not result.wasSuccessful():
        sys.exit(1)
    if result.skipped and os.environ.get("CARRICK_NO_SKIPS"):
        sys.exit(1)
    if result.testsRun and len(result.skipped) == result.testsRun:
        sys.exit(77)
