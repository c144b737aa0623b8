"""Moving in: the original relay's own command makes a file and serves; then
Carrick imports the file, and the old URLs go on."""

import os
import re
import shutil
import subprocess
import unittest

import nodes
from harness import case, programs, tx3
from harness.relay import Relay, free_port

BUILD_TIMEOUT = 900  # s, for cargo
WITH_ITS_BUILDS = os.path.dirname(os.path.dirname(nodes.PROGRAM))


def _cargo():
    home = os.environ.get("CARGO_HOME", os.path.expanduser("~/.cargo"))
    return shutil.which("cargo", path=os.pathsep.join(
        [os.path.join(home, "bin"), os.environ.get("PATH", "")]))


def tx3_relay():
    """The original's command: $TX3_RELAY, or as cargo installs it."""
    given = os.environ.get("TX3_RELAY")
    if given:
        return given
    root = os.path.join(WITH_ITS_BUILDS, "tx3-relay")
    program = os.path.join(root, "bin", "tx3-relay")
    if os.access(program, os.X_OK):
        return program
    cargo = _cargo()
    if not cargo:
        raise unittest.SkipTest("no cargo to install tx3-relay with")
    env = dict(os.environ, CARGO_TARGET_DIR=os.path.join(root, "target"))
    env["PATH"] = os.path.dirname(cargo) + os.pathsep + env["PATH"]
    done = subprocess.run(
        [cargo, "install", "tx3", "--version", "=0.0.1", "--locked", "--root",
         root], env=env, text=True, capture_output=True, check=False,
        timeout=BUILD_TIMEOUT)
    if done.returncode != 0:
        why = done.stderr.strip().splitlines() or ["it says nothing"]
        raise unittest.SkipTest(f"cargo install tx3 failed: {why[-1]}")
    return program


class Imported(Relay):
    """control and one node with the files that the import wrote."""

    def __init__(self, folder, files):
        super().__init__(folder)
        self._files = files

    def start(self, n_nodes=1):
        self.control = self._spawn(
            [programs.CONTROL, "--config", self._files("control.yml")],
            "control", self._control_settings)
        self.control.wait_logged(" ready ")
        self.url = tx3.Url(self.control.line_with("tx3-rst://"))
        node = self._spawn(
            [programs.SPLICE, "--config", self._files("splice.yml")],
            "splice1", ["name=n1", *self._splice_settings])
        node.wait_logged(" ready ")
        self.nodes.append(node)
        self.wait_nodes()


class Import(nodes.Interop):
    @classmethod
    def setUpClass(cls):
        cls.program = tx3_relay()

    def setUp(self):
        super().setUp()
        self.yml = self.path("tx3-relay.yml")
        subprocess.run([self.program, "--init", "--config", self.yml],
                       check=True, stdout=subprocess.DEVNULL,
                       timeout=programs.PATIENCE)
        os.mkdir(self.path("new"))

    def written(self, name):
        return os.path.join(self.path("new"), name)

    def bind(self, address):
        """Let the file say another address than --init does."""
        with open(self.yml, encoding="ascii") as f:
            text = f.read()
        text, n = re.subn(r"tx3-rst://[^\"']*", f"tx3-rst://{address}", text)
        self.assertEqual(n, 1)
        os.remove(self.yml)
        with open(self.yml, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(self.yml, 0o400)

    def original(self):
        """The original relay, serving; its .url is the one it prints."""
        process = self.process([self.program, "--config", self.yml])
        process.url = tx3.Url(process.line_with("tx3-rst://"))
        return process

    def run_import(self):
        return subprocess.run(
            [programs.CONTROL, "import", self.yml, "--config",
             self.written("control.yml")], text=True, capture_output=True,
            check=False, timeout=programs.PATIENCE)

    def imported(self):
        os.chmod(self.folder, 0o711)
        folder = self.path("relay")
        os.mkdir(folder)
        relay = Imported(folder, self.written)
        self.addCleanup(self._end_relay, relay)
        relay.start()
        return relay

    def check(self, program, name):
        done = subprocess.run(
            [program, "--config", self.written(name), "--check"], text=True,
            capture_output=True, check=False, timeout=programs.PATIENCE)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_old_urls_go_on(self):
        self.bind(f"127.0.0.1:{free_port()}")
        original = self.original()
        me = self.path("node-identity")
        was = self.tx3_expose(original, "echo", "--identity", me)
        self.nodes("call", "--url", str(was.url), "--bytes", "1M")
        was.kill()
        original.kill()

        done = self.run_import()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Everything was carried over", done.stdout)
        relay = self.imported()
        self.assertEqual(str(relay.url), str(original.url))
        again = self.tx3_expose(original, "echo", "--identity", me)
        self.assertEqual(str(again.url), str(was.url))
        self.nodes("call", "--url", str(was.url), "--bytes", "1M",
                   "--connections", "50")

    def test_the_file_as_init_writes_it(self):
        done = self.run_import()
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("port 0", done.stdout)
        self.assertIn("advertise", done.stdout)
        self.check(programs.CONTROL, "control.yml")
        self.check(programs.SPLICE, "splice.yml")
        self.assertEqual(
            os.stat(self.written("identity.pem")).st_mode & 0o777, 0o600)

    def test_a_second_import_overwrites_nothing(self):
        self.assertEqual(self.run_import().returncode, 0)
        with open(self.written("identity.pem"), "rb") as f:
            before = f.read()
        done = self.run_import()
        self.assertEqual(done.returncode, 3)
        self.assertIn("not overwritten", done.stderr)
        with open(self.written("identity.pem"), "rb") as f:
            self.assertEqual(f.read(), before)


if __name__ == "__main__":
    case.main()
