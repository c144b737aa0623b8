"""Fair before anybody is known: what one source does to the relay and to a
client leaves the others' calls whole."""

import statistics
import time

from harness import backend, case, load, programs
from harness.programs import until

N_HALF_OPEN = 500
N_CALLS = 64  # as many places as a client has by default
SECONDS = 10 if programs.SANITIZED else 5
SOURCES = ["127.0.1.1", "127.0.1.2", "127.0.1.3", "127.0.1.4"]


def p99(seconds):
    return statistics.quantiles(seconds, n=100)[98]


class Fairness(case.Case):
    def setUp(self):
        super().setUp()
        self.the_relay = self.relay()
        echo = self.backend().address
        self.url = self.expose(self.the_relay.url, echo, "--raw").url

    def others_call(self):
        """How long each call of the others takes, none of which fails."""
        callers = [load.Callers(self.url, source, 0.005)
                   for source in SOURCES]
        time.sleep(SECONDS)
        for one in callers:
            one.stop()
        self.assertEqual([e for one in callers for e in one.failures], [])
        return [s for one in callers for s in one.seconds]

    def keep(self, sock):
        self.addCleanup(sock.close)
        return sock

    def attacked(self, attack):
        """The others' calls, in peace and then under attack."""
        before = self.others_call()
        attack()
        during = self.others_call()
        print(f"{len(before)} and {len(during)} calls, p99 "
              f"{1000 * p99(before):.1f} ms in peace, "
              f"{1000 * p99(during):.1f} ms under attack, "
              f"{p99(during) / p99(before):.2f} times", flush=True)

    def test_five_hundred_half_open_connections_of_one_source(self):
        self.attacked(self.half_open)
        # A client of another source still gets its control stream.
        self.control_stream(self.the_relay.url)

    def half_open(self):
        """Half say less than a preamble, half never begin their TLS."""
        relay_url = self.the_relay.url
        for number in range(N_HALF_OPEN // 2):
            self.keep(relay_url.connect(b"x" * (number % 32), "127.0.0.66"))
            self.keep(relay_url.connect(relay_url.digest, "127.0.0.66"))
        self.the_relay.wait_metric("carrick_splice_pending", N_HALF_OPEN / 2)

    def test_a_source_that_calls_and_never_follows_up(self):
        self.attacked(self.call_and_be_silent)

    def call_and_be_silent(self):
        for _ in range(N_CALLS):
            self.keep(self.url.call(source="127.0.0.67"))
        until(lambda: self.n_of_client("pairs") > N_CALLS / 2,
              "the client has come for the calls")

    def test_a_source_that_calls_a_client_that_does_not_come(self):
        # It comes for the others, whose tokens do not wait behind his.
        stream = self.control_stream(self.the_relay.url)
        for _ in range(N_CALLS):
            self.keep(stream.own_url.call(source="127.0.0.67"))
        for _ in range(N_CALLS // 4):
            stream.token()
        for number in range(N_CALLS // 2):
            source = f"127.0.2.{number + 1}"
            with stream.own_url.call(b"me too", source) as peer:
                with stream.accept() as accepted:
                    self.assertEqual(backend.read_exactly(accepted, 6),
                                     b"me too")
                    accepted.sendall(b"yes")
                    self.assertEqual(backend.read_exactly(peer, 3), b"yes")

    def n_of_client(self, what):
        digest = str(self.url).rpartition("/")[2]
        return next(client[what] for client in self.the_relay.status()
                    ["clients"] if client["digest"] == digest)


if __name__ == "__main__":
    case.main()
