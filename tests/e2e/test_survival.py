"""Control and nodes killed under load: what lives on, how soon all is well
again, and that everybody's books are right afterwards."""

import os
import random
import resource
import statistics
import time

from harness import backend, case, load, programs
from harness.programs import PATIENCE, until
from harness.tx3 import ended

IS_LONG = os.environ.get("CARRICK_LONG") == "1"
N_RESTARTS = 20
N_TALKERS = 12  # at each client
MAX_RELAYS = 24
BACK_WITHIN = 5  # s, from control's start to a successful ping
OUTAGE = 600 if IS_LONG else 20
BACK_AFTER_OUTAGE = 15
NOTICED_WITHIN = 5


def is_open(sock):
    """Whether nothing has come of it so far."""
    sock.setblocking(False)
    try:
        sock.recv(1)
    except BlockingIOError:
        return True
    except ConnectionError:
        pass
    return False


class Survival(case.Case):
    def time_to_ping(self, relay, url):
        """Start control; seconds until `carrick ping` succeeds."""
        start = time.monotonic()
        relay.start_control()
        until(lambda: self.run_carrick("ping", str(url)).returncode == 0,
              "a ping succeeds", BACK_AFTER_OUTAGE + PATIENCE)
        return time.monotonic() - start

    def pairs_of(self, relay, url):
        digest = str(url).rpartition("/")[2]
        return sum(client["pairs"] for client in relay.status()["clients"]
                   if client["digest"] == digest)


class ControlDies(Survival):
    def test_twenty_times_under_load(self):
        self.the_relay = self.relay(
            control=[f"max_relays_per_client={MAX_RELAYS}"])
        echo = self.backend().address
        self.urls = [self.expose(self.the_relay.url, echo, "--raw").url
                     for _ in range(2)]
        self.pinged = self.expose(self.the_relay.url, echo).url
        called = self.expose(self.the_relay.url, echo, "--raw").url
        talk = load.Talk(load.Talker(url) for url in self.urls * N_TALKERS)
        callers = load.Callers(called, "127.0.3.1")
        self.addCleanup(talk.stop)
        self.addCleanup(callers.stop)
        seconds = []
        for number in range(N_RESTARTS):
            seconds.append(self.restart(talk, number))
        print(f"control's start to a ping: median "
              f"{statistics.median(seconds):.2f} s, "
              f"worst {max(seconds):.2f} s", flush=True)
        self.assertLessEqual(max(seconds), BACK_WITHIN, seconds)
        callers.stop()
        print(f"{len(callers.seconds)} callers meanwhile, the slowest "
              f"{max(callers.seconds):.2f} s", flush=True)
        self.assertEqual(callers.failures, [])
        self.check_limit()
        self.assertIsNone(talk.error)

    def restart(self, talk, number):
        """One pair of each client ends while nobody is there to hear it."""
        self.the_relay.control.kill()
        gone = [talk.end_one(2 * number), talk.end_one(2 * number + 1)]
        time.sleep(random.uniform(0, 0.5))
        seconds = self.time_to_ping(self.the_relay, self.pinged)
        for talker in gone:
            self.the_relay.control.wait_logged(
                "pair-ended", "kind=call", f"bytes_ab={talker.n_bytes}",
                f"bytes_ba={talker.n_bytes}",
                self.client_in_log(talker.client))
        for url in self.urls:
            until(lambda: self.pairs_of(self.the_relay, url) == N_TALKERS - 1,
                  "as many pairs in the client's quota as there are")
        for url in self.urls:
            talk.add(until(lambda: self.try_to_talk(url), "a new pair"))
        self.assertIsNone(talk.error, f"a pair died at restart {number}")
        return seconds

    @staticmethod
    def try_to_talk(url):
        try:
            return load.Talker(url)
        except (ConnectionError, AssertionError):
            return None

    def client_in_log(self, digest):
        """As log records name it: the first characters of its digest."""
        text = str(self.the_relay.url.with_digest(digest)).rpartition("/")[2]
        return f"client={text[:8]}"

    def check_limit(self):
        """Pairs of earlier controls fill the quota like any."""
        url, extra = self.urls[0], []
        for number in range(MAX_RELAYS - N_TALKERS):
            extra.append(load.Talker(url, f"127.0.1.{number + 1}"))
        with url.call(source="127.0.2.1") as one_too_many:
            self.assertTrue(ended(one_too_many))
        for talker in extra:
            talker.close()

    def test_an_outage(self):
        relay = self.relay()
        exposed = self.expose(relay.url, self.backend().address)
        talk = load.Talk([load.Talker(self.expose(
            relay.url, self.backend().address, "--raw").url)])
        self.addCleanup(talk.stop)
        relay.control.kill()
        exposed.wait_logged("relay-lost")
        time.sleep(OUTAGE)
        seconds = self.time_to_ping(relay, exposed.url)
        print(f"after {OUTAGE} s without control: {seconds:.2f} s to a ping",
              flush=True)
        self.assertLessEqual(seconds, BACK_AFTER_OUTAGE)
        talk.end_one(10)
        self.assertIsNone(talk.error)


class Newcomers(Survival):
    """Who comes while control is away waits for it at the node."""

    def test_a_call_and_a_registration_succeed_within_the_wait(self):
        relay = self.relay()
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        relay.control.kill()
        with exposed.url.call(b"I was early") as peer:
            start = time.monotonic()
            self.assertFalse(ended(peer, 1))
            relay.start_control()
            self.assertEqual(backend.read_exactly(peer, 11), b"I was early")
            print(f"an early call: {time.monotonic() - start:.2f} s, of them "
                  "1 without control", flush=True)

    def test_a_call_that_control_left_half_way_succeeds_too(self):
        relay = self.relay()
        stream = self.control_stream(relay.url)
        with stream.own_url.call(b"held") as peer:
            stream.token()
            relay.control.kill()
            relay.start_control()
            again = self.control_stream(relay.url, stream.identity)
            with again.accept() as accepted:
                self.assertEqual(backend.read_exactly(accepted, 4), b"held")
                accepted.sendall(b"yes")
                self.assertEqual(backend.read_exactly(peer, 3), b"yes")

    def test_they_are_bounded_per_source_and_in_all(self):
        self.raise_descriptor_limit()
        # A drain without control would wait as long for those that are left.
        relay = self.relay(splice=["control_wait_ms=60000",
                                   "drain_timeout_ms=1000"])
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        relay.control.kill()
        relay.nodes[0].wait_logged("control-lost")
        kept = [self.n_kept(relay, f"127.0.0.{number}")
                for number in range(11, 16)]
        # The client's own attempt to register waits among them.
        self.assertEqual(kept[:3], [1024] * 3)
        self.assertAlmostEqual(sum(kept), 4096, delta=2)
        relay.start_control()
        relay.wait_metric("carrick_refused_total", 3000)
        exposed.wait_logged("registered", count=2)

    @staticmethod
    def raise_descriptor_limit():
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))

    def n_kept(self, relay, source):
        """How many of 1,100 from one address are not closed at once."""
        url = relay.url.with_digest(os.urandom(32))
        socks = [url.call(source=source) for _ in range(1100)]
        for sock in socks:
            self.addCleanup(sock.close)
        time.sleep(0.5)
        return sum(is_open(sock) for sock in socks)


class NodeDies(Survival):
    def test_its_pairs_and_peers_cost_their_client_nothing(self):
        relay = self.relay(nodes=2, control=["max_relays_per_client=4"])
        doomed, other = (relay.url_at(node) for node in relay.nodes)
        stream = self.control_stream(other)
        url = doomed.with_digest(stream.identity.digest)
        for number in range(2):
            self.pair_up(url, stream, f"127.0.0.{11 + number}", doomed)
        for number in range(2):
            peer = url.call(source=f"127.0.0.{21 + number}")
            self.addCleanup(peer.close)
            stream.token()
        with stream.own_url.call(source="127.0.0.31") as fifth:
            self.assertTrue(ended(fifth), "all four places are taken")

        start = time.monotonic()
        relay.nodes[0].kill()
        until(lambda: relay.n_nodes() == 1, "control notices")
        noticed = time.monotonic() - start
        until(lambda: self.books(relay, stream) == (0, 0), "places come back")
        settled = time.monotonic() - start
        print(f"a killed node: noticed after {noticed:.2f} s, all places back "
              f"after {settled:.2f} s", flush=True)
        self.assertLessEqual(settled, NOTICED_WITHIN)
        for number in range(4):
            self.pair_up(stream.own_url, stream, f"127.0.0.{41 + number}",
                         other)

    def pair_up(self, url, stream, source, node):
        peer = url.call(b"hello", source=source)
        self.addCleanup(peer.close)
        accepted = node.connect(stream.token())
        self.addCleanup(accepted.close)
        self.assertEqual(backend.read_exactly(accepted, 5), b"hello")

    @staticmethod
    def books(relay, stream):
        digest = str(stream.own_url).rpartition("/")[2]
        return next((client["pairs"], client["pending"])
                    for client in relay.status()["clients"]
                    if client["digest"] == digest)


if __name__ == "__main__":
    case.main()
