"""What a machine does to running daemons: no descriptors, a full disk, a
process that stands still, packets that are lost, ports that are taken, a clock
that is set. The table in tests/README.md says what each may cost; here each
row is held."""

import contextlib
import errno
import os
import signal
import socket
import struct
import subprocess
import time
import unittest

from harness import backend, case, descriptors, load, programs
from harness.programs import PATIENCE, until
from harness.tx3 import ended

N_TALKERS = 8
WELL_AGAIN = 5  # s
SECONDS_STOPPED = 10
SECONDS_DARK = 8
YEARS = 365 * 24 * 3600


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as f:
        fields = f.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Faults(case.Case):
    def start(self, **options):
        """A relay with a client, and pairs that talk all the time."""
        self.the_relay = self.relay(**options)
        self.exposed = self.expose(self.the_relay.url, self.backend().address,
                                   "--raw")
        self.pinged = self.expose(self.the_relay.url, self.backend().address)
        self.talk = load.Talk(load.Talker(self.exposed.url)
                              for _ in range(N_TALKERS))
        self.addCleanup(self.talk.stop)

    def is_well(self):
        done = self.run_carrick("ping", str(self.pinged.url))
        return done.returncode == 0

    def well_again(self, within=WELL_AGAIN):
        start = time.monotonic()
        until(self.is_well, "a ping succeeds", within + PATIENCE)
        seconds = time.monotonic() - start
        print(f"well again after {seconds:.2f} s", flush=True)
        if not programs.SANITIZED:
            self.assertLessEqual(seconds, within)
        self.assert_no_pair_died()

    def assert_no_pair_died(self):
        before = [talker.n_bytes for talker in self.talk.talkers]
        until(lambda: all(talker.n_bytes > n for talker, n in
                          zip(self.talk.talkers, before)) or self.talk.error,
              "every pair moves on")
        self.assertIsNone(self.talk.error)

    def assert_streams_lived_on(self):
        self.assertEqual(self.exposed.logged("relay-lost"), [])
        self.assertEqual(self.the_relay.metrics().sum("carrick_clients"), 2)


class Descriptors(Faults):
    def assert_at_rest(self, pid):
        """Whoever is short of descriptors waits; it does not spin."""
        self.talk.pause()
        before = cpu_seconds(pid)
        time.sleep(1)
        self.assertLess(cpu_seconds(pid) - before, 0.2)
        self.talk.resume()

    def test_a_node_without_descriptors_backs_off_and_is_well_again(self):
        self.start()
        node = self.the_relay.nodes[0]
        with descriptors.few_left(node.pid, 3):
            hogs = [self.the_relay.url.connect(b"x") for _ in range(40)]
            node.wait_logged("accept-backoff")
            self.assert_at_rest(node.pid)
            self.assert_no_pair_died()
            self.assertEqual(len(node.logged("accept-backoff")), 1)
        for hog in hogs:
            hog.close()
        self.well_again()
        node.wait_logged("accept-resumed")
        self.the_relay.wait_metric("carrick_splice_accept_backoffs_total", 2)
        self.assert_streams_lived_on()

    def test_control_without_descriptors_is_well_again(self):
        self.start()
        control = self.the_relay.control
        host, _, port = self.the_relay.admin.rpartition(":")
        with descriptors.few_left(control.pid, 3):
            hogs = [socket.create_connection((host, int(port)), PATIENCE)
                    for _ in range(20)]
            self.assert_at_rest(control.pid)
            # Calls take none; a new control stream does, and is refused.
            self.assertTrue(self.is_well())
            with self.the_relay.url.connect(self.the_relay.url.digest) as s:
                self.assertTrue(ended(s))
        for hog in hogs:
            hog.close()
        self.well_again()
        self.assert_streams_lived_on()
        self.control_stream(self.the_relay.url)


@unittest.skipUnless(programs.IS_ROOT, "not root: no file system of its own")
class Disk(case.Case):
    PAGE = 4096

    def setUp(self):
        super().setUp()
        self.disk = self.path("disk")
        os.mkdir(self.disk)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs",
                        self.disk], check=True, timeout=PATIENCE)
        self.addCleanup(subprocess.run, ["umount", self.disk], check=True,
                        timeout=PATIENCE)

    def init_with(self, n_pages):
        """--init on a disk with so much room; exit status and complaint."""
        filler = os.path.join(self.disk, "filler")
        stat = os.statvfs(self.disk)
        with open(filler, "wb") as f:
            f.write(b"x" * (stat.f_bavail * stat.f_bsize -
                            n_pages * self.PAGE))
        done = subprocess.run(
            [programs.CONTROL, "--init"], capture_output=True, text=True,
            check=False, timeout=PATIENCE, env=dict(
                os.environ, STATE_DIRECTORY=self.disk,
                RUNTIME_DIRECTORY=self.folder))
        os.unlink(filler)
        return done

    def test_init_on_a_full_disk_leaves_nothing_behind(self):
        for n_pages in (0, 1):
            with self.subTest(n_pages=n_pages):
                done = self.init_with(n_pages)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn("No space left on device", done.stderr)
                self.assertIn(self.disk, done.stderr)
                self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                self.assertEqual(done.stdout, "")
                self.assertEqual(os.listdir(self.disk), [])
        done = self.init_with(8)
        self.assertEqual(done.returncode, 0, done.stderr)


class Stopped(Faults):
    """SIGSTOP for twice as long as the daemons wait for each other."""

    def stop(self, process):
        os.kill(process.pid, signal.SIGSTOP)
        self.addCleanup(process.child.send_signal, signal.SIGCONT)

    def test_control_that_stands_still(self):
        self.start()
        control = self.the_relay.control
        self.stop(control)
        time.sleep(SECONDS_STOPPED - 2)
        self.assert_no_pair_died()
        with self.exposed.url.call(b"late but there") as late:
            time.sleep(2)
            os.kill(control.pid, signal.SIGCONT)
            self.assertEqual(backend.read_exactly(late, 14),
                             b"late but there")
        self.well_again()
        self.assert_streams_lived_on()
        self.assert_books_are_right()

    def test_a_node_that_stands_still(self):
        self.start()
        node = self.the_relay.nodes[0]
        self.stop(node)
        until(lambda: self.the_relay.n_nodes() == 0, "control notices")
        # The kernel takes connections for it: they are late, not lost.
        with self.exposed.url.call(b"late but there") as late:
            time.sleep(SECONDS_STOPPED - 5)
            os.kill(node.pid, signal.SIGCONT)
            self.assertEqual(backend.read_exactly(late, 14),
                             b"late but there")
        self.well_again()
        self.assert_streams_lived_on()
        self.assert_books_are_right()

    def assert_books_are_right(self):
        until(lambda: self.the_relay.metrics().sum("carrick_pairs_relayed")
              == N_TALKERS, "control counts the pairs that there are")


@unittest.skipUnless(programs.IS_ROOT, "not root: no network namespaces")
class Darkness(Faults):
    def test_packets_lost_for_some_seconds_end_nothing(self):
        # Not long enough for keepalive: test_keepalive.py has the rest.
        wire = self.hosts("node", "client")
        relay = self.relay(at={"splice1": wire["node"]})
        with wire["client"].entered():
            stream = self.control_stream(relay.url)
            peer = stream.own_url.call(b"before")
            self.addCleanup(peer.close)
            accepted = stream.accept()
            self.addCleanup(accepted.close)
        self.assertEqual(backend.read_exactly(accepted, 6), b"before")
        wire.cut("node", "client")
        peer.sendall(b"there")
        accepted.sendall(b"and back")
        self.assertFalse(ended(stream.sock, SECONDS_DARK))
        wire.heal()
        start = time.monotonic()
        self.assertEqual(backend.read_exactly(accepted, 5), b"there")
        self.assertEqual(backend.read_exactly(peer, 8), b"and back")
        print(f"bytes again after {time.monotonic() - start:.2f} s",
              flush=True)
        with wire["client"].entered(), stream.own_url.call(), \
                stream.accept():
            pass
        self.assertEqual(relay.metrics().sum("carrick_streams_ended_total"),
                         0)


@unittest.skipUnless(programs.IS_ROOT, "not root: no network namespaces")
class Ports(case.Case):
    """Others have every port that a host gives."""

    PORTS = range(40000, 40004)

    def make_few(self, host):
        try:
            host.run("sh", "-c", f"echo {self.PORTS[0]} {self.PORTS[-1]} "
                     ">/proc/sys/net/ipv4/ip_local_port_range")
        except subprocess.CalledProcessError as e:
            self.skipTest(f"its ports can't be made few: {e.stderr}")

    def take_ports(self, host):
        """By connections to elsewhere."""
        self.make_few(host)
        with host.entered():
            listener = socket.create_server(("127.0.0.1", 39999))
            self.addCleanup(listener.close)
            for _ in self.PORTS:
                taken = socket.create_connection(listener.getsockname())
                self.addCleanup(taken.close)
            with socket.socket() as sock, self.assertRaises(OSError):
                sock.bind(("", 0))

    def test_daemons_find_each_other_without_a_port_of_their_own(self):
        wire = self.hosts("control", "node", "client")
        self.take_ports(wire["control"])
        self.take_ports(wire["node"])
        relay = self.relay(at={"control": wire["control"],
                               "splice1": wire["node"]})
        with wire["client"].entered():
            self.control_stream(relay.url).close()
        relay.control.kill()
        relay.start_control()
        relay.wait_nodes()
        with wire["client"].entered():
            self.control_stream(relay.url).close()

    def test_a_node_that_is_given_no_port_says_so(self):
        wire = self.hosts("control", "node")
        relay = self.relay(at={"control": wire["control"],
                               "splice1": wire["node"]})
        self.make_few(wire["node"])
        with wire["node"].entered(), contextlib.ExitStack() as taken:
            for port in self.PORTS:
                sock = taken.enter_context(socket.socket())
                sock.bind(("", port))  # no connection shares it
            relay.control.kill()
            relay.start_control()
            relay.nodes[0].wait_logged(
                "control-unreached", "each try to connect failed",
                os.strerror(errno.EADDRNOTAVAIL))
            self.assertEqual(relay.n_nodes(), 0)
        relay.wait_nodes()


class Clock(Faults):
    """The wall clock is set; it is for the log alone."""

    def set_clock(self, seconds):
        with open(self.clock, "r+b", buffering=0) as f:
            f.write(struct.pack("=q", seconds))

    def test_a_clock_that_jumps_moves_nothing_but_the_log(self):
        preloaded = programs.wallclock()
        if not preloaded:
            self.skipTest("wallclock.so is in build folders alone")
        self.clock = self.path("clock")
        with open(self.clock, "wb") as f:
            f.write(bytes(8))
        os.chmod(self.folder, 0o711)
        self.start(environ={"LD_PRELOAD": preloaded,
                            "WALLCLOCK_FILE": self.clock,
                            "ASAN_OPTIONS": "verify_asan_link_order=0"})
        callers = load.Callers(self.exposed.url, "127.0.0.2", 0.05)
        self.addCleanup(callers.stop)
        year = time.gmtime().tm_year
        for years in (20, -20, 0):
            self.set_clock(years * YEARS)
            time.sleep(6)  # beats that stop are noticed after 5
            self.control_stream(self.the_relay.url).close()
            for daemon in (self.the_relay.control, self.the_relay.nodes[0]):
                newest = int(daemon.log().splitlines()[-1][:4])
                self.assertAlmostEqual(newest, year + years, delta=1)
        callers.stop()
        self.assertEqual(callers.failures, [])
        self.well_again()
        self.assert_streams_lived_on()
        self.assertEqual(self.the_relay.metrics().sum(
            "carrick_sessions_lost_total"), 0)


if __name__ == "__main__":
    case.main()
