"""`carrick`: its commands, and the exit status of each failure."""

import os
import re
import signal
import socket
import subprocess

from harness import backend, case, programs, tx3
from harness.programs import PATIENCE, until

USAGE, CONFIG, RELAY_NOT_REACHED = 2, 3, 4
RELAY_KEY, NOBODY, PEER_KEY = 5, 6, 7
TRY_AGAIN = 75


def closed_port():
    """A port of loopback where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        return sock.getsockname()[1]


class Id(case.Case):
    def test_a_new_identity_is_shown_again(self):
        path = self.path("identity")
        new = self.run_carrick("id", "--new", "--identity", path)
        self.assertEqual(new.returncode, 0, new.stderr)
        again = self.run_carrick("id", "--identity", path)
        self.assertEqual(again.stdout, new.stdout)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        digest = tx3.Url(f"tx3-rst://h:1/{self.digest(new.stdout)}").digest
        self.assertEqual(len(digest), 32)

    @staticmethod
    def digest(output):
        return re.search(rb"(?<![\w-])[\w-]{43}(?![\w-])", output)[0].decode()

    def test_an_existing_identity_is_not_written_over(self):
        identity = self.identity()
        done = self.run_carrick("id", "--new", "--identity", identity.path)
        self.assertEqual(done.returncode, CONFIG)
        self.assertIn(identity.path.encode(), done.stderr)
        with open(identity.path, encoding="ascii") as f:
            self.assertEqual(f.read(), identity.pem)

    def test_an_identity_that_others_may_read_is_refused(self):
        identity = self.identity()
        os.chmod(identity.path, 0o644)
        done = self.run_carrick("id", "--identity", identity.path)
        self.assertEqual(done.returncode, CONFIG)
        self.assertIn(identity.path.encode(), done.stderr)

    def test_the_digest_is_that_of_the_certificate(self):
        identity = self.identity()
        shown = self.run_carrick("id", "--identity", identity.path).stdout
        own = tx3.Url(f"tx3-rst://h:1/{self.digest(shown)}").digest
        self.assertEqual(own, identity.digest)

    def test_its_dates_are_wide(self):
        dates = subprocess.run(
            ["openssl", "x509", "-noout", "-dates", "-in",
             self.identity().path], capture_output=True, text=True,
            check=True, timeout=PATIENCE).stdout
        self.assertIn("1975", dates)
        self.assertIn("4096", dates)


class Connect(case.Case):
    def test_stdin_and_stdout_over_tls(self):
        relay = self.relay()
        exposed = self.expose(relay.url, self.backend(backend.checksum).address)
        data = os.urandom(300000)
        done = self.run_carrick("connect", str(exposed.url), input=data)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout, backend.expected_checksum(data))

    def test_as_a_proxy_command_it_is_a_pipe_both_ways(self):
        # ssh reads the server's banner before it says a word.
        relay = self.relay()
        exposed = self.expose(
            relay.url, self.backend(backend.greeter(b"SSH-2.0-x\r\n")).address)
        with subprocess.Popen([programs.CARRICK, "connect", str(exposed.url)],
                              stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as child:
            self.assertEqual(child.stdout.readline(), b"SSH-2.0-x\r\n")
            child.stdin.write(b"SSH-2.0-y\r\n")
            child.stdin.flush()
            self.assertEqual(child.stdout.readline(), b"SSH-2.0-y\r\n")
            child.stdin.close()
            self.assertEqual(child.stdout.read(), b"")
            self.assertEqual(child.wait(PATIENCE), 0)

    def test_both_spellings_reach_the_same_client(self):
        relay = self.relay()
        exposed = self.expose(relay.url, self.backend(backend.checksum).address)
        digest = str(exposed.url).rpartition("/")[2]
        spelling = f"tx3:{digest}/rst/{relay.url.host}:{relay.url.port}/"
        done = self.run_carrick("connect", spelling, input=b"x")
        self.assertEqual(done.stdout, backend.expected_checksum(b"x"))

    def test_nobody_there(self):
        relay = self.relay()
        url = relay.url.with_digest(os.urandom(32))
        for command in (["connect", str(url)], ["ping", str(url)]):
            with self.subTest(command=command[0]):
                done = self.run_carrick(*command)
                self.assertEqual(done.returncode, NOBODY, done.stderr)
                said = done.stderr + done.stdout
                self.assertIn(b"nobody answers", said)
                self.assertIn(b"limit", said)

    def test_nobody_at_the_relays_port(self):
        url = f"tx3-rst://127.0.0.1:{closed_port()}/{'A' * 43}"
        for command in (["connect", url], ["ping", url]):
            with self.subTest(command=command[0]):
                done = self.run_carrick(*command)
                self.assertEqual(done.returncode, RELAY_NOT_REACHED)
                said = done.stderr + done.stdout
                self.assertEqual(said.count(b"\n"), 1, said)

    def test_another_at_the_other_end_is_not_spoken_to(self):
        # It registers as one, and ends the peer's TLS as another.
        relay = self.relay()
        stream = self.control_stream(relay.url)
        impostor = self.identity()
        with subprocess.Popen(
                [programs.CARRICK, "connect", str(stream.own_url)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE) as child:
            with stream.accept() as raw:
                self.serve_tls(raw, impostor)
            out, err = child.communicate(timeout=PATIENCE)
            self.assertEqual((child.returncode, out), (PEER_KEY, b""), err)

    @staticmethod
    def serve_tls(raw, identity):
        ctx = tx3.server_context(identity.path)
        try:
            with ctx.wrap_socket(raw, server_side=True) as sock:
                sock.recv(1)
        except OSError:
            pass  # it hung up on us: as it should


class Expose(case.Case):
    def test_a_backend_that_is_down_is_logged_once_an_episode(self):
        relay = self.relay()
        exposed = self.expose(relay.url, f"127.0.0.1:{closed_port()}")
        for _ in range(3):
            self.run_carrick("connect", str(exposed.url))
        self.assertEqual(len(exposed.logged("service-down")), 1)

    def test_who_is_not_allowed_is_told_how_to_be(self):
        relay = self.relay()
        friend = self.identity()
        text = re.search("[^/]*$", str(relay.url.with_digest(friend.digest)))
        exposed = self.expose(relay.url, self.backend(backend.checksum).address,
                              "--allow", text[0])
        for command in ("connect", "ping"):
            with self.subTest(command=command):
                done = self.run_carrick(command, str(exposed.url))
                self.assertEqual(done.returncode, NOBODY, done.stderr)
                self.assertIn(b"--identity FILE", done.stderr)
        done = self.run_carrick("connect", "--identity", friend.path,
                                str(exposed.url), input=b"x")
        self.assertEqual(done.stdout, backend.expected_checksum(b"x"))

    def test_a_digest_that_is_not_the_relays_is_nobody(self):
        # The relay closes without a word, as one does whose control is away:
        # so it goes on trying, and says once an episode what that may mean.
        def close_without_a_word(sock):
            backend.read_exactly(sock, 32)
        fake = self.backend(close_without_a_word)
        fake_url = f"tx3-rst://{fake.address}/{'A' * 43}"
        real_url = self.relay().url.with_digest(os.urandom(32))
        for url in (fake_url, str(real_url)):
            process = self.carrick("expose", "--relay", url, "--identity",
                                   self.identity().path, "127.0.0.1:1")
            process.wait_logged("relay-failed")
            if url == fake_url:
                until(lambda: fake.n_accepted > 4, "some attempts")
            said = process.logged("relay-failed")
            self.assertEqual(len(said), 1)
            for words in ("nobody answers", "at a limit", "just starting"):
                self.assertIn(words, str(said[0]))
            self.assertTrue(process.is_alive())

    def test_a_control_that_comes_after_it_is_found(self):
        relay = self.relay(splice=["control_wait_ms=100"])
        relay.control.kill()
        process = self.carrick("expose", "--relay", str(relay.url),
                               "--identity", self.identity().path,
                               "127.0.0.1:1")
        process.wait_logged("relay-failed", "nobody answers")
        relay.start_control()
        process.wait_logged("relay-registered")

    def test_a_relay_that_shows_another_key(self):
        fake = self.backend(self.fake_relay)
        url = f"tx3-rst://{fake.address}/{'A' * 43}"
        done = self.run_carrick("expose", "--relay", url, "--identity",
                                self.identity().path, "127.0.0.1:1")
        self.assertEqual(done.returncode, RELAY_KEY, done.stderr)
        self.assertEqual(done.stdout, b"")

    def fake_relay(self, raw):
        backend.read_exactly(raw, 32)
        with tx3.server_context(self.identity().path).wrap_socket(
                raw, server_side=True) as sock:
            sock.recv(1)

    def test_no_relay_at_all(self):
        url = f"tx3-rst://127.0.0.1:{closed_port()}/{'A' * 43}"
        process = self.carrick("expose", "--relay", url, "--identity",
                               self.identity().path, "127.0.0.1:1")
        # A service may start before its network does: it goes on trying.
        process.wait_logged("relay-failed")
        self.assertTrue(process.is_alive())

    def test_a_relay_that_stays_broken_is_logged_once_an_episode(self):
        def speak_http(sock):
            backend.read_exactly(sock, 32)
            sock.recv(65536)
            sock.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            backend.read_all(sock)
        fake = self.backend(speak_http)
        url = f"tx3-rst://{fake.address}/{'A' * 43}"
        process = self.carrick("expose", "--relay", url, "--identity",
                               self.identity().path, "127.0.0.1:1")
        until(lambda: fake.n_accepted > 4, "some attempts")
        self.assertEqual(len(process.logged("relay-failed")), 1)
        self.assertTrue(process.is_alive())

    def test_sigterm_ends_it_with_0(self):
        relay = self.relay()
        exposed = self.expose(relay.url, self.backend().address)
        os.kill(exposed.pid, signal.SIGTERM)
        self.assertEqual(exposed.wait(), 0)


class Ping(case.Case):
    def test_it_says_how_long_each_step_took(self):
        relay = self.relay()
        exposed = self.expose(relay.url, self.backend().address)
        done = self.run_carrick("ping", str(exposed.url))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreaterEqual(len(re.findall(rb"\d ms", done.stdout)), 3,
                                done.stdout)


class Status(case.Case):
    def test_it_shows_nodes_and_clients_to_a_person(self):
        relay = self.relay()
        stream = self.control_stream(relay.url)
        done = self.run_carrick("status", env=relay.env())
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn(b"n1", done.stdout)
        digest = str(stream.own_url).rpartition("/")[2].encode()
        self.assertIn(digest[:8], done.stdout)

    def test_a_health_check_is_one_word(self):
        relay = self.relay()
        done = self.run_carrick("status", "--health", env=relay.env())
        self.assertEqual((done.returncode, done.stdout), (0, b"ok\n"))

    def test_no_control_is_one_line_and_4(self):
        done = self.run_carrick("status", "--socket", self.path("none"))
        self.assertEqual(done.returncode, RELAY_NOT_REACHED)
        self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
        self.assertIn(self.path("none").encode(), done.stderr)


class Output(case.Case):
    """Standard input and output in every state that a shell leaves them."""

    def setUp(self):
        super().setUp()
        relay = self.relay()
        self.echo = self.expose(relay.url, self.backend().address).url
        endless = self.backend(self.talk)
        self.endless = self.expose(relay.url, endless.address).url

    @staticmethod
    def talk(sock):
        while True:
            sock.sendall(b"x" * 65536)

    def sh(self, script, url):
        """Exit status of a shell's first command, and the lines on stderr."""
        done = subprocess.run(["bash", "-c", script, programs.CARRICK,
                               str(url)], capture_output=True, check=False,
                              timeout=programs.PATIENCE)
        return done.returncode, done.stderr.splitlines()

    def test_closed_input_is_at_its_end(self):
        self.assertEqual(self.sh('"$0" connect "$1" <&-', self.echo), (0, []))

    def test_closed_output_is_told(self):
        for script in ('echo hi | "$0" connect "$1" >&-', '"$0" ping "$1" >&-',
                       '"$0" help >&-', 'echo hi | "$0" connect "$1" >/dev/full',
                       '"$0" ping "$1" >/dev/full'):
            with self.subTest(script=script):
                status, lines = self.sh(script, self.echo)
                self.assertEqual((status, len(lines)), (TRY_AGAIN, 1), lines)
                self.assertIn(b"standard", lines[0])

    def transfer(self, **options):
        """A connect in the middle of endless bytes."""
        child = subprocess.Popen([programs.CARRICK, "connect",
                                  str(self.endless)], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, **options)
        self.addCleanup(child.__exit__, None, None, None)
        self.assertEqual(child.stdout.read(1 << 20), b"x" * (1 << 20))
        return child

    def check_ended(self, child, word):
        self.assertEqual(child.wait(PATIENCE), TRY_AGAIN)
        lines = child.stderr.read().splitlines()
        self.assertEqual(len(lines), 1, lines)
        self.assertIn(word, lines[0])

    def test_a_pipe_that_nobody_reads_any_more_ends_it(self):
        # Its input stays open, so that it has to see this by itself.
        child = self.transfer(stdin=subprocess.PIPE)
        child.stdout.close()
        self.check_ended(child, b"Broken pipe")

    def test_sigterm_in_mid_transfer(self):
        child = self.transfer(stdin=subprocess.DEVNULL)
        child.terminate()
        self.check_ended(child, b"signal")


class Usage(case.Case):
    WRONG = ([], ["no-such-command"], ["connect"], ["connect", "nonsense"],
             ["connect", "tx3-rst://h:1/" + "A" * 43 + "x"],
             ["connect", "tx3-rst://h:0/" + "A" * 43],
             ["forward", "tx3-rst://h:1/" + "A" * 43],
             ["forward", "tx3-rst://h:1/" + "A" * 43, "no-port"],
             ["expose", "127.0.0.1:1"], ["ping", "a", "b"],
             ["id", "--no-such-option"], ["id", "operand"],
             [""], ["help", "id", "operand"], ["--version", "operand"],
             ["id", "--identity="], ["connect", ""], ["two\nlines"],
             ["connect", "tx3-rst://h:1/" + "A" * 43 + "\r\n"],
             ["connect", "tx3-rst://::1:7/" + "A" * 43],
             ["ping", "--count", "0", "tx3-rst://h:1/" + "A" * 43],
             ["expose", "--relay", "tx3-rst://h:1/" + "A" * 43, "22"],
             ["expose", "--relay", "tx3-rst://h:1/" + "A" * 43,
              "--notice", "33", "h:1"],
             ["expose", "--relay", "tx3-rst://h:1/" + "A" * 43,
              "--proxy-protocol", "v1", "h:1"],
             ["expose", "--relay", "tx3-st://h:1/" + "A" * 43, "h:1"],
             ["status", "--json", "operand"])

    def test_wrong_usage_is_one_line_and_2(self):
        for args in self.WRONG:
            with self.subTest(args=args):
                done = self.run_carrick(*args)
                self.assertEqual(done.returncode, USAGE, done.stderr)
                self.assertEqual(done.stderr.count(b"\n"), 1, done.stderr)
                self.assertEqual(done.stdout, b"")

    def test_help_and_version_are_no_errors(self):
        for args in (["--help"], ["-h"], ["--version"], ["expose", "--help"],
                     ["help", "expose"], ["id", "-h"]):
            with self.subTest(args=args):
                done = self.run_carrick(*args)
                self.assertEqual(done.returncode, 0)
                self.assertTrue(done.stdout)


if __name__ == "__main__":
    case.main()
