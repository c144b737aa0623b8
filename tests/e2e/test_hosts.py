"""What befalls several hosts: control, three splice nodes, the clients and
the peers on one each. The second table in tests/README.md says what each
fault may cost; here each row is held."""

import contextlib
import itertools
import os
import signal
import statistics
import time
import unittest

from harness import case, descriptors, load, netns, programs
from harness.programs import until
from harness.tx3 import ended

NODES = (1, 2, 3)
# What control and nodes wait for each other, twice.
FAULT_S = 10
# Of bad weather there is enough after a few round trips.
WEATHER_S = 6
WELL_AGAIN = 5  # s
# Seconds; who hears nothing for so long calls again.
PATIENCE_IN_FAULTS = 6 if programs.SANITIZED else 2
N_HOGS = 60
TOLD_WITHIN = 3  # s, connection_timeout_ms


class Way:
    """From the peers' host through one node to the client that another, or
    the same, has registered: a pair that talks, one that flows, and calls."""

    def __init__(self, through, client_at, url, patience):
        self.nodes = {through, client_at}
        self.name = f"{through}->{client_at}"
        self.digest = url.digest
        self.talk = load.Talk([load.Talker(url)], pause=0.02)
        self.flow = load.Flow(url)
        self.calls = load.Callers(url, pause=0.2, patience=patience)

    def n_bytes(self):
        return self.talk.talkers[0].n_bytes

    def stop(self):
        """What the flow said, and what came back."""
        self.talk.stop()
        self.calls.stop()
        return self.flow.end()


@unittest.skipUnless(programs.IS_ROOT, "not root: no network namespaces")
class Hosts(case.Case):
    def start(self, patience=PATIENCE_IN_FAULTS, **options):
        self.wire = self.hosts("control", "control2", "clients", "peers",
                               *(f"node{number}" for number in NODES))
        self.the_relay = self.relay(nodes=len(NODES), at={
            "control": self.wire["control"],
            **{f"splice{n}": self.wire[f"node{n}"] for n in NODES}},
            **options)
        with self.wire["clients"].entered():
            echo = self.backend().address
            self.exposed = [self.expose(self.url_at(n), echo, "--raw")
                            for n in NODES]
        self.ways = []
        self.addCleanup(self.stop_ways)
        with self.wire["peers"].entered():
            for through, client_at in self.all_ways():
                self.ways.append(self.way(through, client_at, patience))
        time.sleep(1)
        self.assert_moving(self.ways)

    @staticmethod
    def all_ways():
        return itertools.product(NODES, NODES)

    def url_at(self, number):
        return self.the_relay.url_at(self.the_relay.nodes[number - 1])

    def way(self, through, client_at, patience):
        client = self.exposed[client_at - 1].identity
        return Way(through, client_at,
                   self.url_at(through).with_digest(client.digest), patience)

    def stop_ways(self):
        for way in self.ways:
            way.stop()

    def assert_moving(self, ways):
        """Every one of these pairs moves on."""
        before = [way.n_bytes() for way in ways]
        until(lambda: all(way.n_bytes() > n for way, n in zip(ways, before))
              or any(way.talk.error for way in ways), "every pair moves on")
        for way in ways:
            self.assertIsNone(way.talk.error, way.name)

    def end_fault(self):
        self.fault_ended = time.monotonic()

    def well_again(self, unaffected, within=WELL_AGAIN):
        """All of it, after end_fault(): calls come through within that time,
        those on unaffected ways did all along, no pair has lost a byte, and
        nobody is charged for more than there is."""
        until(lambda: all(self.well_since(way) is not None
                          for way in self.ways),
              "calls come through", within + programs.PATIENCE)
        slowest = max(self.ways, key=self.well_since)
        print(f"well again after {self.well_since(slowest):.2f} s "
              f"({slowest.name}); {self.summary()}", flush=True)
        if not programs.SANITIZED:
            self.assertLessEqual(self.well_since(slowest), within)
        for way in unaffected:
            self.assertEqual(way.calls.failures, [], way.name)
        self.assert_moving(self.ways)
        self.assert_books_are_right()
        self.assert_nothing_was_lost()

    def well_since(self, way):
        return way.calls.well_since(self.fault_ended)

    def summary(self):
        seconds = [s for way in self.ways for s in way.calls.seconds]
        n_failed = sum(len(way.calls.failures) for way in self.ways)
        return (f"{len(seconds)} calls, median {statistics.median(seconds):.3f}"
                f" s, slowest {max(seconds):.2f} s; {n_failed} failed")

    def assert_books_are_right(self):
        """Two pairs a way, and nothing once they have ended."""
        for way in self.ways:
            way.calls.stop()
        want = {exposed.identity.digest: 0 for exposed in self.exposed}
        for way in self.ways:
            want[way.digest] += 2
        until(lambda: self.books() == want, f"the clients' pairs are {want}")

    def books(self):
        """What each client is charged for. A token of an earlier control is a
        call to nobody we know."""
        urls = {str(exposed.url).rpartition("/")[2]: exposed.identity.digest
                for exposed in self.exposed}
        return {urls[client["digest"]]: client["pairs"] + client["pending"]
                for client in self.the_relay.status()["clients"]
                if client["digest"] in urls}

    def assert_nothing_was_lost(self):
        for way in self.ways:
            said, came_back = way.stop()
            self.assertEqual(said, came_back, way.name)
            self.assertGreater(said[0], 0)
            self.assertIsNone(way.talk.error, way.name)
        until(lambda: set(self.books().values()) == {0}, "nothing is charged")

    def without(self, *nodes):
        """The ways that none of these nodes has a part in."""
        return [way for way in self.ways if not way.nodes & set(nodes)]

    def assert_streams_lived_on(self):
        for exposed in self.exposed:
            self.assertEqual(exposed.logged("relay-lost"), [])

    def assert_nobody_was_lost(self):
        """No session of control and node, and no control stream."""
        self.assertEqual(
            self.the_relay.metrics().sum("carrick_sessions_lost_total"), 0)
        self.assert_streams_lived_on()


class Weather(Hosts):
    """What every packet goes through."""

    def test_loss_on_every_link(self):
        self.start(patience=programs.PATIENCE)
        self.wire.lose(0.05)
        time.sleep(WEATHER_S)
        self.assert_moving(self.ways)
        self.wire.heal()
        self.end_fault()
        self.well_again(unaffected=self.ways)
        self.assert_nobody_was_lost()

    def test_delay_on_every_link(self):
        self.start(patience=programs.PATIENCE)
        self.wire.delay(0.1)
        time.sleep(WEATHER_S)
        self.assert_moving(self.ways)
        self.wire.heal()
        self.end_fault()
        self.well_again(unaffected=self.ways)
        self.assert_nobody_was_lost()


class Nodes(Hosts):
    """One node in trouble."""

    def test_a_node_that_stands_still(self):
        self.start()
        node = self.the_relay.nodes[0]
        os.kill(node.pid, signal.SIGSTOP)
        self.addCleanup(node.child.send_signal, signal.SIGCONT)
        time.sleep(FAULT_S)
        self.assert_moving(self.without(1))
        self.assertEqual(self.the_relay.n_nodes(), 2)
        os.kill(node.pid, signal.SIGCONT)
        self.end_fault()
        self.well_again(unaffected=self.without(1))
        self.assert_streams_lived_on()

    def test_a_node_without_descriptors(self):
        self.start()
        node = self.the_relay.nodes[0]
        with descriptors.few_left(node.pid, 3), contextlib.ExitStack() as hogs:
            with self.wire["peers"].entered():
                for _ in range(N_HOGS):
                    hogs.enter_context(self.url_at(1).connect(b"x"))
            node.wait_logged("accept-backoff")
            time.sleep(FAULT_S / 2)
            self.assert_moving(self.ways)
        self.end_fault()
        self.well_again(unaffected=self.without(1))
        self.assert_nobody_was_lost()


class Links(Hosts):
    """Between the hosts of the relay."""

    def test_control_cut_off_from_a_node(self):
        self.start()
        self.wire.cut("control", "node1")
        time.sleep(FAULT_S)
        self.assertEqual(self.the_relay.n_nodes(), 2)
        self.assert_moving(self.ways)
        self.wire.heal()
        self.end_fault()
        self.well_again(unaffected=self.without(1))
        self.assert_streams_lived_on()

    def test_two_nodes_cut_off_from_each_other(self):
        self.start(control=[f"connection_timeout_ms={1000 * TOLD_WITHIN}"])
        self.wire.cut("node1", "node2")
        cut = time.monotonic()
        whole = [way for way in self.ways if way.nodes != {1, 2}]
        for way in self.ways:
            if way not in whole:
                self.assert_told(way)
        time.sleep(max(0, cut + FAULT_S - time.monotonic()))
        self.assert_moving(whole)
        self.wire.heal()
        self.end_fault()
        self.well_again(unaffected=whole)
        self.assert_nobody_was_lost()

    def assert_told(self, way):
        """Who can't be joined does not wait for ever, patient as he is."""
        start = time.monotonic()
        with self.wire["peers"].entered(), way.calls.url.call() as peer:
            self.assertTrue(ended(peer))
        self.assertAlmostEqual(time.monotonic() - start, TOLD_WITHIN,
                               delta=2 if programs.SANITIZED else 0.5)

    def test_the_host_of_control_gone(self):
        self.start()
        self.wire.unplug("control")
        time.sleep(FAULT_S)
        self.assertEqual(self.the_relay.n_nodes(), 0)
        self.assert_moving(self.ways)
        self.wire.plug("control")
        self.end_fault()
        self.well_again(unaffected=[])
        self.assert_streams_lived_on()

    def test_control_on_another_host(self):
        self.where_control_is("10.78.0.1")
        self.start(control_name="control.test",
                   splice_prefix=netns.with_hosts_file(self.path("hosts")))
        # The first one vanishes without a word.
        self.wire.unplug("control")
        self.the_relay.control.kill()
        self.where_control_is(self.wire["control2"].address)
        self.the_relay.move_control(self.wire["control2"])
        time.sleep(FAULT_S)
        self.assert_moving(self.ways)
        self.the_relay.start_control()
        self.end_fault()
        self.well_again(unaffected=[])

    def where_control_is(self, address):
        """In the file that the nodes look names up in: the same file, since
        they have it mounted."""
        with open(self.path("hosts"), "w", encoding="ascii") as f:
            f.write(f"{address} control.test\n")


if __name__ == "__main__":
    case.main()
