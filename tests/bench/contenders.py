"""What is measured: each a way through, with its relay processes' ids."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PATIENCE_S = 20
BUILD_S = 1200  # a minute on four cores, with what it downloads
MANY = 10000  # more than a measurement reaches


class Missing(Exception):
    """Why a contender can't be measured on this machine."""


TX3, SYNCTHING = "tx3", "syncthing"  # what is spoken with a relay


class Contender:
    """processes: whose CPU counts; routes: the load generator's options, by
    what is spoken."""

    rendezvous = False
    speaks = (TX3,)

    def __init__(self, folder):
        self.folder = os.path.join(folder, self.name)
        os.mkdir(self.folder)
        self.processes = []
        self.routes = {TX3: []}
        self.about = ""

    def spawn(self, argv, **more):
        with open(os.path.join(self.folder, "log"), "ab") as log:
            child = subprocess.Popen(argv, stderr=log, **more)
        self.processes.append(child)
        return child

    def check(self):
        """An exception with its last words if a process has ended."""
        for child in self.processes:
            if child.poll() is not None:
                raise RuntimeError(f"ended with {child.returncode}: "
                                   + self.last_words())

    def last_words(self):
        path = os.path.join(self.folder, "log")
        with open(path, encoding="utf-8", errors="replace") as f:
            return " / ".join(f.read().splitlines()[-3:]) or "(no word)"

    def pids(self):
        return [child.pid for child in self.processes]

    def stop(self):
        for child in reversed(self.processes):
            child.terminate()
        for child in reversed(self.processes):
            try:
                child.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


class Direct(Contender):
    """Loopback and nothing between: what the machine itself can do."""

    name = "direct"

    def start(self):
        pass


class ReservedPort:
    """A port that is bound and not listened on: the kernel gives it to nobody
    else, and whoever sets SO_REUSEADDR can listen there."""

    def __init__(self):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(("127.0.0.1", 0))
        self.address = "127.0.0.1:%d" % self.socket.getsockname()[1]


HAPROXY_CONFIG = """\
global
    nbthread {threads}
defaults
    mode tcp
    option splice-auto
    timeout connect 5s
    timeout client 60s
    timeout server 60s
listen bench
    bind {front}
    server load {back}
"""


class Haproxy(Contender):
    name = "haproxy"

    def start(self):
        program = shutil.which("haproxy", path=os.environ["PATH"]
                               + ":/usr/local/sbin:/usr/sbin")
        if not program:
            raise Missing("missing: no haproxy (apt-get install haproxy)")
        version = subprocess.run([program, "-v"], capture_output=True,
                                 text=True, check=True, timeout=PATIENCE_S)
        self.about = version.stdout.split()[2]
        self._ports = ReservedPort(), ReservedPort()
        front, back = (port.address for port in self._ports)
        config = os.path.join(self.folder, "haproxy.cfg")
        with open(config, "w", encoding="utf-8") as f:
            f.write(HAPROXY_CONFIG.format(threads=os.cpu_count(),
                                          front=front, back=back))
        self.spawn([program, "-db", "-f", config],
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.routes = {TX3: ["--tcp", front, "--listen", back]}


class Tx3Relay(Contender):
    """The original: the relay of the tx3 crate."""

    name = "tx3-relay"
    rendezvous = True

    def __init__(self, folder, program, build):
        super().__init__(folder)
        self._program = program
        self._build = build

    def _make(self):
        target = os.path.join(self._build, "tests", "interop", "tx3")
        child = subprocess.Popen(
            [os.path.join(HERE, "..", "interop", "tx3", "build"), target],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            start_new_session=True)
        try:
            path, said = child.communicate(timeout=BUILD_S)
        except BaseException:
            os.killpg(child.pid, signal.SIGKILL)  # the compilers, too
            child.wait()
            raise
        if child.returncode != 0:
            raise Missing("missing: " + said.strip().split("\n")[-1])
        return path.strip()

    def start(self):
        program = self._program or self._make()
        child = self.spawn(
            [program, "relay", "--timeout-s", "0",
             "--max-control-streams-per-ip", str(MANY)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        url = child.stdout.readline().decode().strip()
        if not url:
            raise RuntimeError("no URL: " + self.last_words())
        self.routes = {TX3: ["--relay", url]}
        self.about = "crate 0.0.1"


class Strelaysrv(Contender):
    """Syncthing's own relay, private. Left alone it makes itself a P-384 key;
    here it has a P-256 one, as ours."""

    name = "strelaysrv"
    rendezvous = True
    speaks = (SYNCTHING,)

    def start(self):
        if not shutil.which(self.name):
            raise Missing("missing: no strelaysrv (apt-get install "
                          "syncthing-relaysrv; it starts a public one)")
        keys = [os.path.join(self.folder, name)
                for name in ("key.pem", "cert.pem")]
        subprocess.run(
            ["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt",
             "ec_paramgen_curve:P-256", "-subj", "/CN=strelaysrv", "-keyout",
             keys[0], "-out", keys[1]], check=True, capture_output=True,
            timeout=PATIENCE_S)
        self._port = ReservedPort()
        self.spawn([self.name, "-pools=", "-status-srv=", "-keys",
                    self.folder, f"-listen={self._port.address}"],
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.routes = {SYNCTHING: ["--syncthing", self._url()]}

    def _url(self):
        end = time.monotonic() + PATIENCE_S
        while time.monotonic() < end:
            with open(os.path.join(self.folder, "log"),
                      encoding="utf-8") as f:
                said = f.read()
            self.check()
            url = re.search(r"relay://\S+?/\?id=[A-Z2-7-]{63}", said)
            if url:
                self.about = re.search(r"strelaysrv v(\S+)", said)[1]
                time.sleep(0.5)  # then it listens
                return url[0]
            time.sleep(0.05)
        raise RuntimeError("no URL: " + self.last_words())


class Carrick(Contender):
    """Ours, one control and one node, started as the end-to-end tests do."""

    name = "carrick"
    rendezvous = True
    speaks = (TX3, SYNCTHING)

    def __init__(self, folder, build):
        super().__init__(folder)
        self._build = build
        self._relay = None

    def start(self):
        os.environ["CARRICK_BIN_DIR"] = self._build
        sys.path.insert(0, os.path.join(HERE, "..", "e2e"))
        try:
            from harness.relay import Relay
        except SystemExit as why:
            raise Missing(f"missing: {why}") from None
        folder = tempfile.mkdtemp(dir=self.folder)
        # Every client here has one source, and more peers than in the world.
        self._relay = Relay(
            folder, listen=["127.0.0.1:0"], splice=["max_asks_per_source=1024"],
            control=["frontends=[tx3, syncthing]",
                     "max_control_streams_per_source=320",
                     "max_handshakes_per_source=64",
                     f"max_notices_per_s={MANY}",
                     f"max_notices_burst={MANY}"])
        self._relay.start()
        self.processes = [p.child for p in self._relay.processes]
        self.routes = {
            TX3: ["--relay", str(self._relay.url)],
            SYNCTHING: ["--syncthing", self._relay.control.line_with(
                "relay://").split()[-1]]}
        version = subprocess.run([self._relay.control.argv[0], "--version"],
                                 capture_output=True, text=True, check=True,
                                 timeout=PATIENCE_S)
        self.about = version.stdout.split()[-1]

    def last_words(self):
        return " / ".join(p.log().splitlines()[-1]
                          for p in self._relay.processes if p.log())

    def stop(self):
        if self._relay:
            self._relay.stop()
