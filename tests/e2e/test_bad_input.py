"""What strangers, clients and peers may send that is wrong, and what it gets:
proto/TX3.md, and the table of bad input in the README's promises."""

import os
import re
import socket
import ssl
import time

from harness import backend, case, programs, tx3
from harness.programs import PATIENCE, until
from harness.tx3 import ControlStream, ended


class Strangers(case.Case):
    def test_32_bytes_that_are_nobodys_are_closed_and_counted(self):
        relay = self.relay()
        with relay.url.connect(os.urandom(32)) as sock:
            self.assertTrue(ended(sock))
        relay.wait_metric("carrick_refused_total", 1, reason="nobody")

    def test_what_follows_unknown_bytes_changes_nothing(self):
        relay = self.relay()
        with relay.url.connect(os.urandom(32 + 4096)) as sock:
            self.assertTrue(ended(sock))

    def test_fewer_bytes_and_an_end_are_closed_at_once(self):
        relay = self.relay()
        for n in (0, 1, 31):
            with self.subTest(n=n), relay.url.connect(b"x" * n) as sock:
                sock.shutdown(socket.SHUT_WR)
                self.assertTrue(ended(sock))

    def test_silence_is_closed_at_the_deadline(self):
        relay = self.relay(splice=["preamble_timeout_ms=400"],
                           control=["connection_timeout_ms=400"])
        for n in (0, 1, 31):
            with self.subTest(n=n), relay.url.connect(b"x" * n) as sock:
                start = time.monotonic()
                self.assertTrue(ended(sock))
                self.assertGreater(time.monotonic() - start, 0.3)
        relay.wait_metric("carrick_splice_pending_ended_total", 3,
                          reason="preamble_timeout")

    def test_a_preamble_in_single_bytes_is_understood(self):
        relay = self.relay()
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        with exposed.url.connect() as sock:
            for byte in exposed.url.digest + b"slowly":
                sock.sendall(bytes([byte]))
                time.sleep(0.002)
            self.assertEqual(backend.read_exactly(sock, 6), b"slowly")


class Silence(case.Case):
    N = 1000

    @staticmethod
    def cpu_seconds(pid):
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            fields = f.read().rpartition(")")[2].split()
        ticks = int(fields[11]) + int(fields[12])  # utime, stime
        return ticks / os.sysconf("SC_CLK_TCK")

    def test_a_thousand_silent_ones_cost_under_1_percent_cpu(self):
        relay = self.relay(splice=["preamble_timeout_ms=120000"],
                           control=["connection_timeout_ms=120000"])
        for number in range(self.N):
            sock = relay.url.connect(b"x" * (number % 32))
            self.addCleanup(sock.close)
        relay.wait_metric("carrick_splice_pending", self.N)
        pids = [relay.control.pid, relay.nodes[0].pid]
        before = sum(map(self.cpu_seconds, pids))
        time.sleep(8)
        cost = (sum(map(self.cpu_seconds, pids)) - before) / 8
        self.assertLess(cost, 0.05 if programs.SANITIZED else 0.01)
        self.assertEqual(relay.metrics().sum("carrick_splice_pending"), self.N)


class Tokens(case.Case):
    def test_a_token_used_twice_is_closed_the_second_time(self):
        relay = self.relay()
        stream = self.control_stream(relay.url)
        with stream.own_url.call(b"for you") as peer:
            token = stream.token()
            with relay.url.connect(token) as accepted:
                self.assertEqual(backend.read_exactly(accepted, 7), b"for you")
                with relay.url.connect(token) as again:
                    self.assertTrue(ended(again))
                accepted.sendall(b"still here")
                self.assertEqual(backend.read_exactly(peer, 10), b"still here")

    def test_a_token_of_a_peer_that_left_is_dead(self):
        relay = self.relay()
        stream = self.control_stream(relay.url)
        peer = stream.own_url.call()
        token = stream.token()
        peer.close()
        relay.wait_metric("carrick_calls_ended_total", 1, reason="peer_gone")
        with relay.url.connect(token) as sock:
            self.assertTrue(ended(sock))

    def test_a_peer_that_resets_while_held_kills_its_token(self):
        relay = self.relay()
        stream = self.control_stream(relay.url)
        peer = stream.own_url.call(b"unread")
        token = stream.token()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0" * 2)
        peer.close()
        relay.wait_metric("carrick_calls_ended_total", 1, reason="peer_gone")
        with relay.url.connect(token) as sock:
            self.assertTrue(ended(sock))

    def test_a_client_that_never_answers_costs_its_peer_the_deadline(self):
        relay = self.relay(control=["connection_timeout_ms=500"])
        stream = self.control_stream(relay.url)
        start = time.monotonic()
        with stream.own_url.call() as peer:
            token = stream.token()
            self.assertTrue(ended(peer))
            self.assertGreater(time.monotonic() - start, 0.4)
        with relay.url.connect(token) as sock:
            self.assertTrue(ended(sock))
        relay.wait_metric("carrick_calls_ended_total", 1, reason="expired")


class ControlStreams(case.Case):
    def test_bytes_from_a_client_end_its_stream_but_not_its_pairs(self):
        relay = self.relay()
        stream = self.control_stream(relay.url)
        peer = stream.own_url.call()
        accepted = stream.accept()
        self.addCleanup(peer.close)
        self.addCleanup(accepted.close)
        peer.sendall(b"before")
        self.assertEqual(backend.read_exactly(accepted, 6), b"before")
        stream.sock.sendall(b"x")
        self.assertTrue(stream.is_ended())
        relay.wait_metric("carrick_streams_ended_total", 1,
                          reason="sent_bytes")
        with stream.own_url.call() as other:
            self.assertTrue(ended(other), "the registration has gone")
        peer.sendall(b"after")
        self.assertEqual(backend.read_exactly(accepted, 5), b"after")

    def assert_refused(self, relay, ctx, reason):
        with self.assertRaises(ssl.SSLError) as caught:
            ControlStream(relay.url, ctx=ctx)
        self.assertIn("ALERT", str(caught.exception).upper())
        relay.wait_metric("carrick_streams_ended_total", 1, reason=reason)

    def test_tls_1_2_gets_an_alert_and_is_counted(self):
        relay = self.relay()
        ctx = tx3.context(self.identity().path, ssl.TLSVersion.TLSv1_2)
        self.assert_refused(relay, ctx, "tls_version")

    def test_no_certificate_gets_an_alert_and_is_counted(self):
        self.assert_refused(self.relay(), tx3.context(), "tls_certificate")

    def test_a_certificate_without_its_key_does_not_register(self):
        relay = self.relay()
        victim = self.identity()
        forged = self.path("forged")
        with open(forged, "w", encoding="ascii") as f:
            f.write(tx3.key_of_another(victim) + victim.certificate)
        self.assert_refused(relay, tx3.context(forged), "tls_proof")
        with relay.url.with_digest(victim.digest).call() as peer:
            self.assertTrue(ended(peer), "nobody registered")

    def test_a_certificate_signed_by_anyone_registers(self):
        path = self.path("self-signed")
        case.run_openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes",
                         "-subj", "/CN=anyone", "-days", "1",
                         "-keyout", path, "-out", path + ".crt")
        with open(path, "a", encoding="ascii") as f, \
                open(path + ".crt", encoding="ascii") as crt:
            f.write(crt.read())
        stream = ControlStream(self.relay().url, path)
        self.addCleanup(stream.close)
        self.assertTrue(stream.is_registered())

    def test_an_unknown_dialect_is_refused(self):
        relay = self.relay()
        ctx = tx3.context(self.identity().path)
        ctx.set_alpn_protocols(["carrick/99"])
        self.assert_refused(relay, ctx, "tls_alpn")

    def test_nonsense_instead_of_tls_is_closed(self):
        relay = self.relay()
        with relay.url.connect(relay.url.digest + os.urandom(300)) as sock:
            sock.settimeout(PATIENCE)
            try:
                answer = backend.read_all(sock)
            except ConnectionResetError:
                answer = b""
        self.assertLess(len(answer), 16, "an alert at most")
        until(lambda: re.search("tls_other|tls_version",
                                relay.control.log()), "the reason in the log")

    def test_a_handshake_that_stalls_ends_at_its_deadline(self):
        relay = self.relay(control=["handshake_timeout_ms=400"])
        with relay.url.connect(relay.url.digest) as sock:
            self.assertTrue(ended(sock))
        relay.wait_metric("carrick_streams_ended_total", 1, reason="timeout")

    def test_the_relay_shows_the_certificate_of_its_url(self):
        relay = self.relay()
        self.assertEqual(self.control_stream(relay.url).relay_digest,
                         relay.url.digest)


if __name__ == "__main__":
    case.main()
