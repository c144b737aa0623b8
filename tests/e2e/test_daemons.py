"""Both daemons' command lines, configurations and control's admin side."""

import json
import os
import resource
import signal
import socket
import stat
import subprocess
import threading
import time

from harness import case, metrics, programs
from harness.programs import PATIENCE

DAEMONS = (programs.CONTROL, programs.SPLICE)
USAGE, CONFIG, TRY_AGAIN = 2, 3, 75


class Start(case.Case):
    def setUp(self):
        super().setUp()
        self.env = dict(os.environ, RUNTIME_DIRECTORY=self.folder,
                        STATE_DIRECTORY=self.folder)

    def run_daemon(self, program, *args):
        return subprocess.run([program, *args], capture_output=True, text=True,
                              check=False, timeout=PATIENCE, env=self.env)

    def write(self, text):
        path = self.fresh_path("config") + ".yml"
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        return path


class CommandLine(Start):
    WRONG = (["--no-such-option"], ["operand"], ["--config"], ["--set"],
             ["--version=1"])

    def test_wrong_usage_is_one_line_and_2(self):
        for program in DAEMONS:
            for args in self.WRONG:
                with self.subTest(program=program, args=args):
                    done = self.run_daemon(program, *args)
                    self.assertEqual(done.returncode, USAGE, done.stderr)
                    self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                    self.assertEqual(done.stdout, "")

    def test_help_and_version_and_example(self):
        for program in DAEMONS:
            for option in ("--help", "--version", "--example"):
                with self.subTest(program=program, option=option):
                    done = self.run_daemon(program, option)
                    self.assertEqual((done.returncode, done.stderr), (0, ""))
                    self.assertTrue(done.stdout)


    def test_an_answer_that_nobody_got_is_a_failure(self):
        for program in DAEMONS:
            for where in (">/dev/full", ">&-"):
                with self.subTest(program=program, where=where):
                    done = self.run_daemon(
                        "sh", "-c", f'exec "$0" --example {where}', program)
                    self.assertEqual(done.returncode, TRY_AGAIN)
                    self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
                    self.assertIn("standard output", done.stderr)

    def test_closed_descriptors_become_no_sockets(self):
        child = self.process(
            ["sh", "-c", 'exec "$0" --set admin_listen=[] <&- >&- 2>&-',
             programs.CONTROL], env=self.env)
        programs.until(lambda: os.path.exists(self.path("admin.sock")),
                       "control's admin socket")
        self.assertEqual({os.readlink(f"/proc/{child.pid}/fd/{n}")
                          for n in range(3)}, {"/dev/null"})


class Configuration(Start):
    def assert_refused(self, program, text, *words):
        path = self.write(text)
        done = self.run_daemon(program, "--config", path, "--check")
        self.assertEqual(done.returncode, CONFIG, (text, done.stderr))
        self.assertEqual(done.stderr.count("\n"), 1, done.stderr)
        for word in (path, *words):
            self.assertIn(word, done.stderr)
        unchecked = self.run_daemon(program, "--config", path)
        self.assertEqual(unchecked.returncode, CONFIG)

    def test_errors_name_file_line_key_and_range(self):
        for program, key in ((programs.CONTROL, "max_control_streams"),
                             (programs.SPLICE, "max_connections")):
            with self.subTest(program=program):
                self.assert_refused(program, "no_such_key: 1\n", ":1:",
                                    "no_such_key")
                self.assert_refused(program, f"{key}: 5\n{key}: 6\n", ":2:",
                                    key)
                self.assert_refused(program, f"\n\n{key}: 0\n", ":3:", key, "0")
                self.assert_refused(program, f"{key}: 99999999999\n", ":1:",
                                    key, "99999999999")
                self.assert_refused(program, f"{key}: [1]\n", ":1:", key)
                self.assert_refused(program, f"{key}: 1\n  - no yaml: [\n")

    def test_set_is_checked_alike(self):
        for program, key in ((programs.CONTROL, "max_control_streams"),
                             (programs.SPLICE, "max_connections")):
            for setting in (f"{key}=0", "no_such_key=1", f"{key}=x", key):
                with self.subTest(program=program, setting=setting):
                    done = self.run_daemon(program, "--set", setting, "--check")
                    self.assertEqual(done.returncode, CONFIG, done.stderr)
                    self.assertIn("--set", done.stderr)

    def test_what_tcp_needs_is_named(self):
        for program, word in ((programs.CONTROL, "nodes: "),
                              (programs.SPLICE, "link_key: ")):
            done = self.run_daemon(program, "--check", "--set",
                                   "events_url=tcp://127.0.0.1:7447")
            self.assertEqual(done.returncode, CONFIG)
            self.assertIn(word, done.stderr)
            self.assertIn("tcp://", done.stderr)

    def test_a_missing_file_is_named(self):
        for program in DAEMONS:
            done = self.run_daemon(program, "--config", "/no/such/file.yml")
            self.assertEqual(done.returncode, CONFIG)
            self.assertIn("/no/such/file.yml", done.stderr)

    def test_too_many_identities_are_refused_with_the_range(self):
        entries = "".join(f"  - file: {n}.pem\n" for n in range(9))
        self.assert_refused(programs.CONTROL, "identities:\n" + entries,
                            "identities", "0..8")


class Descriptors(Start):
    def test_too_few_are_told_before_anything_is_made(self):
        for program, few in ((programs.CONTROL, 127), (programs.SPLICE, 64)):
            done = self.run_daemon(
                "sh", "-c", f'ulimit -n {few}; exec "$0"', program)
            self.assertEqual(done.returncode, CONFIG, done.stderr)
            self.assertIn(f"is {few},", done.stderr)
            self.assertIn("LimitNOFILE=", done.stderr)
        self.assertEqual(os.listdir(self.folder), [])

    def test_control_does_with_few(self):
        control = self.process(
            ["sh", "-c", 'ulimit -n 128; exec "$0" --set admin_listen=[]',
             programs.CONTROL], env=self.env)
        control.wait_logged(" ready ")


class Folder(Start):
    def assert_refused(self, folder, *words):
        done = self.run_daemon(
            programs.CONTROL, "--set", "admin_listen=[]", "--set",
            f"events_url=ipc://{folder}/control.events.ipc")
        self.assertEqual(done.returncode, CONFIG, done.stderr)
        for word in (folder, *words):
            self.assertIn(word, done.stderr)
        self.assertEqual(os.listdir(folder), [])

    def test_one_that_everybody_may_write_to_is_refused(self):
        folder = self.fresh_path("ipc")
        os.mkdir(folder)
        os.chmod(folder, 0o1777)
        self.assert_refused(folder, "chmod o-w")

    def test_one_that_is_somebody_elses_is_refused(self):
        if not programs.IS_ROOT:
            self.skipTest("only root can give a folder away")
        folder = self.fresh_path("ipc")
        os.mkdir(folder, 0o770)
        os.chown(folder, 65534, 65534)
        self.assert_refused(folder, "65534", "chown")


    def test_what_is_in_a_sockets_way_is_named(self):
        for name, hint in (("control.events.ipc", "move it away"),
                           ("admin.sock", "a file in the way")):
            os.mkdir(self.path(name))
            done = self.run_daemon(programs.CONTROL, "--set", "admin_listen=[]")
            os.rmdir(self.path(name))
            self.assertEqual(done.returncode, TRY_AGAIN, done.stderr)
            self.assertIn(self.path(name), done.stderr)
            self.assertIn(hint, done.stderr)


class Init(Start):
    def test_it_writes_what_a_start_needs_and_nothing_twice(self):
        done = self.run_daemon(programs.CONTROL, "--init")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout + done.stderr, r"[\w-]{43}")
        self.assertIn("URL", done.stdout + done.stderr)
        identity = os.path.join(self.folder, "identity.pem")
        config = os.path.join(self.folder, "control.yml")
        self.assertEqual(stat.S_IMODE(os.stat(identity).st_mode), 0o600)
        checked = self.run_daemon(programs.CONTROL, "--config", config,
                                  "--check")
        self.assertEqual(checked.returncode, 0, checked.stderr)
        before = open(identity, encoding="ascii").read()
        again = self.run_daemon(programs.CONTROL, "--init")
        self.assertEqual(again.returncode, CONFIG)
        self.assertEqual(open(identity, encoding="ascii").read(), before)

    def init(self, config, **options):
        return subprocess.run(
            [programs.CONTROL, "--init", "--config", config], text=True,
            stderr=subprocess.PIPE, check=False, timeout=PATIENCE,
            env=self.env, **{"stdout": subprocess.PIPE, **options})

    def test_it_makes_the_folder_if_that_alone_is_missing(self):
        folder = self.path("etc")
        done = self.init(f"{folder}/control.yml")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(stat.S_IMODE(os.stat(folder).st_mode), 0o755)
        for program, name in zip(DAEMONS, ("control.yml", "splice.yml")):
            checked = self.run_daemon(program, "--config", f"{folder}/{name}",
                                      "--check")
            self.assertEqual(checked.returncode, 0, checked.stderr)
            self.assertIn(f"{folder}/{name}", done.stdout)
        done = self.init(self.path("none/etc/control.yml"))
        self.assertEqual(done.returncode, CONFIG)
        self.assertIn(self.path("none"), done.stderr)

    def test_nothing_is_made_where_one_file_is_there(self):
        for name in ("control.yml", "identity.pem", "splice.yml"):
            folder = self.fresh_path("etc")
            os.mkdir(folder)
            with open(f"{folder}/{name}", "w", encoding="ascii") as f:
                f.write("mine")
            done = self.init(f"{folder}/control.yml")
            self.assertEqual(done.returncode, CONFIG)
            self.assertIn(f"{folder}/{name}", done.stderr)
            self.assertEqual(os.listdir(folder), [name])

    def test_config_that_names_another_file_is_refused_with_a_hint(self):
        for name in ("identity.pem", "splice.yml", "", "../" +
                     os.path.basename(self.folder)):
            done = self.init(f"{self.folder}/{name}")
            self.assertEqual(done.returncode, CONFIG)
            self.assertIn("such as control.yml", done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_file_that_cannot_be_written_is_named_once(self):
        def no_room():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))
        done = self.init(self.path("control.yml"), preexec_fn=no_room)
        self.assertEqual(done.returncode, CONFIG)
        self.assertEqual(done.stderr.count(self.folder), 1, done.stderr)
        self.assertEqual(os.listdir(self.folder), [])

    def test_a_report_that_nobody_got_is_a_failure(self):
        with open("/dev/full", "w", encoding="ascii") as full:
            done = self.init(self.path("control.yml"), stdout=full)
        self.assertEqual(done.returncode, TRY_AGAIN)
        self.assertIn("the files are written", done.stderr)

    def test_a_missing_identity_beside_a_file_hints_at_init(self):
        config = self.write("identities:\n"
                            f"  - file: {self.folder}/none.pem\n")
        done = self.run_daemon(programs.CONTROL, "--config", config)
        self.assertEqual(done.returncode, CONFIG)
        self.assertIn("--init", done.stderr)


class Admin(case.Case):
    def test_healthz_and_metrics_on_tcp_and_nothing_else(self):
        relay = self.relay()
        status, _ = metrics.get_tcp(relay.admin, "/healthz")
        self.assertEqual(status, 200)
        names = relay.metrics().names()
        self.assertTrue(names)
        for name in names:
            self.assertTrue(name.startswith("carrick_"), name)
        for path in ("/status", "/", "/metrics/../status", "/nothing"):
            self.assertEqual(metrics.get_tcp(relay.admin, path)[0], 404, path)

    def test_a_host_that_is_not_its_own_is_refused(self):
        # A web page whose name was rebound to 127.0.0.1 gets nothing.
        relay = self.relay()
        for path in ("/healthz", "/metrics"):
            status, body = metrics.get_tcp(relay.admin, path,
                                           {"Host": "evil.example"})
            self.assertGreaterEqual(status, 400)
            self.assertNotIn("carrick_", body)

    def test_status_is_on_the_unix_socket(self):
        relay = self.relay(nodes=2)
        stream = self.control_stream(relay.url)
        status = relay.status()
        self.assertEqual(status["schema"], 1)
        self.assertEqual({node["name"] for node in status["nodes"]},
                         {"n1", "n2"})
        digest = str(stream.own_url).rpartition("/")[2]
        self.assertIn(digest, json.dumps(status))
        self.assertEqual(
            stat.S_IMODE(os.stat(relay.admin_socket).st_mode), 0o660)

    def test_advertised_addresses_are_printed_at_the_start(self):
        relay = self.relay(control=["advertise=[relay.example:7443, "
                                    "'[2001:db8::1]:7443']"])
        self.assertEqual([url.host for url in relay.urls],
                         ["relay.example", "2001:db8::1"])

    def test_any_address_is_its_own(self):
        # Behind a wildcard listener it has many.
        relay = self.relay()
        for host in ("192.0.2.1:7445", "[2001:db8::1]", "localhost."):
            status, _ = metrics.get_tcp(relay.admin, "/healthz",
                                        {"Host": host})
            self.assertEqual(status, 200, host)

    def test_what_is_no_get_is_refused(self):
        relay = self.relay()
        for request, code in ((b"GET /healthz HTTP/1.1\r\nHost: localhost",
                               b" 200 "),
                              (b"HEAD /healthz HTTP/1.0\r\nHost: [::1]",
                               b" 200 "),
                              (b"PUT /healthz HTTP/1.1\r\nHost: localhost",
                               b" 501 "), (b"nonsense", b" 400 "),
                              (b"POST /nodes/n1/drain HTTP/1.1\r\n"
                               b"Host: localhost", b" 405 "),
                              (b"GET /healthz HTTP/1.1\r\nA: " + b"x" * 9000,
                               b" 431 ")):
            with self.subTest(request=request[:30]):
                with connect(relay.admin) as sock:
                    sock.sendall(request + b"\r\n\r\n")
                    sock.shutdown(socket.SHUT_WR)
                    answer = read_all(sock)
                self.assertIn(code, answer.partition(b"\r\n")[0])
                self.assertEqual(answer.endswith(b"\r\n\r\n"),
                                 request.startswith(b"HEAD"))


def connect(address):
    host, _, port = address.rpartition(":")
    return socket.create_connection((host, int(port)), PATIENCE)


def read_all(sock):
    return b"".join(iter(lambda: sock.recv(65536), b""))


def n_descriptors(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))


class AdminUnderSiege(case.Case):
    """Clients that take their time. A connection's life is 10 s, whatever it
    does, and there are at most 64."""
    MOST, SLACK = 64, 8  # slack: what comes and goes beside them

    def setUp(self):
        super().setUp()
        self.the_relay = self.relay()
        self.pid = self.the_relay.control.pid
        self.before = n_descriptors(self.pid)
        self.tricklers = []
        self.over = threading.Event()
        thread = threading.Thread(target=self._trickle)
        self.addCleanup(thread.join)
        self.addCleanup(self.over.set)
        thread.start()

    def _trickle(self):
        while not self.over.wait(0.5):
            for sock in list(self.tricklers):
                try:
                    sock.send(b"x")
                except OSError:
                    self.tricklers.remove(sock)

    def besiege(self, n, request=b"GET /healthz HTTP/1.1\r\nHost: "):
        for _ in range(n):
            sock = connect(self.the_relay.admin)
            self.addCleanup(sock.close)
            sock.sendall(request)
            self.tricklers.append(sock)

    def assert_healthy(self):
        """Whoever was there first has had its time, then come the others."""
        end = time.monotonic() + 2 * PATIENCE
        while True:
            try:
                status, _ = metrics.get_tcp(self.the_relay.admin, "/healthz")
                self.assertEqual(status, 200)
                return
            except OSError:
                self.assertLess(time.monotonic(), end)
                time.sleep(0.1)

    def assert_all_let_go(self):
        programs.until(
            lambda: n_descriptors(self.pid) <= self.before + 1,
            "all descriptors are given back", 2 * PATIENCE)

    def test_tricklers_are_bounded_in_number_and_time(self):
        self.besiege(self.MOST + 20)
        programs.until(
            lambda: n_descriptors(self.pid) >=
            self.before + self.MOST - self.SLACK, "as many as it takes")
        self.assertLessEqual(n_descriptors(self.pid),
                             self.before + self.MOST + self.SLACK)
        self.assertEqual(self.the_relay.status()["schema"], 1)
        self.assert_healthy()
        self.assert_all_let_go()

    def test_readers_that_do_not_read_are_let_go(self):
        self.besiege(self.MOST, b"GET /metrics HTTP/1.1\r\n"
                     b"Host: localhost\r\n\r\n")
        self.assert_healthy()
        self.assert_all_let_go()

    def test_without_descriptors_it_rests_and_says_so_once(self):
        few = self.before + 20
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (few, few))
        self.besiege(40)
        self.the_relay.control.wait_logged(" accept-backoff ")
        self.assert_healthy()
        self.assert_all_let_go()
        log = self.the_relay.control.log()
        self.assertLess(log.count("accept-backoff"), 5, log)
        self.assertNotIn("[warn]", log)


if __name__ == "__main__":
    case.main()
