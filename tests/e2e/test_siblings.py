"""Three nodes that join each other: the two ends of a pair come in anywhere."""

import os
import random
import signal
import socket
import time
import unittest

from harness import backend, case, programs
from harness.links import ACCEPT
from harness.programs import PATIENCE, until
from harness.tx3 import ended

NODES = (1, 2, 3)
N_CLIENTS = 6
N_RENDEZVOUS = 200
TICKET_S = 5  # for a ticket to be said
CONNECT_S = 5  # for a sibling to be reached
N_SWALLOWED = 10  # fewer than one source may have announced at a client
AT_ONCE = 1  # s
SLACK = 3 if programs.SANITIZED else 1
# One host is all clients and all peers.
CONTROL = ["max_control_streams_per_source=64", "max_notices_per_s=1000",
           "max_notices_burst=1000"]


def n_descriptors(process):
    """Without the pipes of its pool, which may be more or fewer."""
    folder = f"/proc/{process.pid}/fd"
    kinds = [os.readlink(os.path.join(folder, fd)) for fd in os.listdir(folder)]
    return sum(not kind.startswith("pipe:") for kind in kinds)


class Siblings(case.Case):
    def start(self, **options):
        self.the_relay = self.relay(nodes=len(NODES), siblings=len(NODES),
                                    control=CONTROL, **options)

    def url_at(self, number):
        return self.the_relay.url_at(self.the_relay.nodes[number - 1])

    def client_at(self, number):
        return self.control_stream(self.url_at(number))

    def call(self, client, number, say=b""):
        """A peer of the client's, by way of that node."""
        url = self.url_at(number).with_digest(client.identity.digest)
        peer = url.call(say)
        self.addCleanup(peer.close)
        return peer

    def answer(self, client, number):
        """The client takes its next call at that node."""
        other = self.url_at(number).connect(client.token())
        self.addCleanup(other.close)
        return other

    def joined(self, peer_at, client_at):
        """Both ends of a pair that talks."""
        client = self.client_at(client_at)
        peer = self.call(client, peer_at, b"hello")
        other = self.answer(client, client_at)
        self.assertEqual(backend.read_exactly(other, 5), b"hello")
        other.sendall(b"there")
        self.assertEqual(backend.read_exactly(peer, 5), b"there")
        return peer, other

    def wait_quiet(self):
        """Nobody is charged, and no node has a pair but of control streams."""
        def is_quiet():
            metrics = self.the_relay.metrics()
            return (metrics.sum("carrick_pairs_relayed") == 0 and
                    metrics.sum("carrick_pairs_hops") == 0 and
                    metrics.sum("carrick_calls") == 0 and
                    metrics.sum("carrick_splice_pairs") ==
                    metrics.sum("carrick_pairs_control"))
        until(is_quiet, "no call and no pair")


class Anywhere(Siblings):
    def meet(self, client, peer_at, client_at, number):
        """A rendezvous, an answer, a half-close each way; bytes moved."""
        question = f"question {number}".encode() * (number + 1)
        reply = f"reply {number}".encode() * (2 * number + 1)
        peer = self.call(client, peer_at, question[:7])
        other = self.answer(client, client_at)
        other.sendall(b"yes?")
        # One that ends its side while it is held has left.
        self.assertEqual(backend.read_exactly(peer, 4), b"yes?")
        peer.sendall(question[7:])
        peer.shutdown(socket.SHUT_WR)
        self.assertEqual(backend.read_all(other), question)
        other.sendall(reply)
        other.shutdown(socket.SHUT_WR)
        self.assertEqual(backend.read_all(peer), reply)
        peer.close()
        other.close()
        return len(question) + len(b"yes?") + len(reply)

    def test_peers_and_clients_pick_nodes_at_random(self):
        self.start()
        seed = int(os.environ.get("CARRICK_SEED", time.time_ns() % 1000000))
        print(f"CARRICK_SEED={seed}", flush=True)
        lot = random.Random(seed)
        clients = [self.client_at(lot.choice(NODES)) for _ in range(N_CLIENTS)]
        self.meet(clients[0], 1, 2, 0)  # whatever is made once is made now
        self.wait_quiet()
        had = [n_descriptors(node) for node in self.the_relay.nodes]
        before = self.the_relay.metrics()
        n_hops, n_bytes = 0, 0
        for number in range(N_RENDEZVOUS):
            peer_at, client_at = lot.choice(NODES), lot.choice(NODES)
            n_hops += peer_at != client_at
            n_bytes += self.meet(lot.choice(clients), peer_at, client_at,
                                 number)
        self.wait_quiet()
        self.check_books(before, n_hops, n_bytes)
        self.assertEqual(
            [n_descriptors(node) for node in self.the_relay.nodes], had)

    def check_books(self, before, n_hops, n_bytes):
        """Each rendezvous counts once, through however many nodes it went."""
        after = self.the_relay.metrics()

        def grew(name, **labels):
            return after.sum(name, **labels) - before.sum(name, **labels)
        self.assertEqual(grew("carrick_hops_total"), n_hops)
        self.assertEqual(grew("carrick_pairs_total"), N_RENDEZVOUS)
        self.assertEqual(grew("carrick_calls_ended_total", reason="paired"),
                         N_RENDEZVOUS)
        self.assertEqual(grew("carrick_calls_ended_total"), N_RENDEZVOUS)
        self.assertEqual(grew("carrick_pairs_ended_total"), N_RENDEZVOUS)
        self.assertEqual(grew("carrick_relayed_bytes_total"), n_bytes)

    def test_a_client_and_a_caller_that_know_nothing_of_it(self):
        self.start()
        exposed = self.expose(self.url_at(1),
                              self.backend(backend.checksum).address)
        url = self.url_at(3).with_digest(exposed.identity.digest)
        data = os.urandom(3 << 20)
        for _ in range(3):
            address = self.forward(url).address
            self.assertEqual(backend.exchange(address, data),
                             backend.expected_checksum(data))
        self.assertEqual(
            self.the_relay.metrics().sum("carrick_hops_total"), 3)

    def test_a_reset_passes_on(self):
        self.start()
        peer, other = self.joined(1, 2)
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                        b"\1\0\0\0\0\0\0\0")
        peer.close()
        with self.assertRaises(ConnectionResetError):
            other.settimeout(PATIENCE)
            other.recv(1)
        self.wait_quiet()


class Strangers(Siblings):
    """Who finds accept_listen, and has nothing to say there."""

    def come(self, number, n):
        host, _, port = self.the_relay.accepts[number].rpartition(":")
        strangers = []
        for _ in range(n):
            sock = socket.create_connection((host, int(port)), PATIENCE)
            self.addCleanup(sock.close)
            strangers.append(sock)
        return strangers

    def test_they_keep_no_node_from_joining_others(self):
        self.start(splice=["max_accept_connections=2",
                           "max_sibling_connections=1"])
        client = self.client_at(2)
        peer = self.call(client, 1, b"hello")
        token = client.token()
        strangers = self.come(2, 3)
        with self.url_at(2).connect(token) as other:
            self.assertEqual(backend.read_exactly(other, 5), b"hello")
        self.assertTrue(ended(strangers[2]), "one more than there are places")
        peer.close()

    def test_they_are_gone_after_five_seconds(self):
        self.start(splice=["max_accept_connections=2"])
        start = time.monotonic()
        silent, slow = self.come(2, 2)
        slow.sendall(b"31 bytes are a ticket not quite")
        for stranger in (silent, slow):
            self.assertTrue(ended(stranger))
        self.assertAlmostEqual(time.monotonic() - start, TICKET_S,
                               delta=SLACK)
        self.joined(2, 1)


class Failures(Siblings):
    def assert_turned_away(self, peer_at, client_at, reason):
        client = self.client_at(client_at)
        peer = self.call(client, peer_at)
        other = self.answer(client, client_at)
        self.assertTrue(ended(peer))
        self.assertTrue(ended(other))
        self.assertEqual(self.the_relay.metrics().sum(
            "carrick_calls_ended_total", reason=reason), 1)
        self.wait_quiet()

    def test_without_siblings_both_are_turned_away(self):
        self.the_relay = self.relay(nodes=2)
        self.assert_turned_away(1, 2, "other_node")

    def test_a_sibling_that_is_not_listed_is_not_joined(self):
        self.start()
        accepts = self.the_relay.accepts
        self.the_relay.nodes[1].stop()
        node = self.the_relay.start_node(
            2, settings=[f'siblings=["{accepts[3]}", "127.0.0.0/8:1"]'])
        self.the_relay.wait_nodes()
        self.assert_turned_away(1, 2, "not_joined")
        self.assertEqual(
            len(node.logged("join-failed", "reason=sibling_unlisted")), 1)
        self.assertEqual(len(self.the_relay.control.logged(
            "pair-ended", "kind=hop", "node=n2", "sibling_unlisted")), 1)
        self.joined(3, 2)

    def test_this_machine_is_listed_singly_or_not_at_all(self):
        self.start()
        _, _, port = self.the_relay.accepts[1].rpartition(":")
        self.the_relay.nodes[1].stop()
        self.the_relay.start_node(
            2, settings=[f'siblings=["127.0.0.0/8:{port}"]'])
        self.the_relay.wait_nodes()
        self.assert_turned_away(1, 2, "not_joined")

    def test_a_node_killed_below_a_pair_ends_both_its_ends(self):
        for killed in (1, 2):
            with self.subTest(killed=killed):
                self.start()
                peer, other = self.joined(1, 2)
                bystander = self.joined(3, 3)
                self.the_relay.nodes[killed - 1].kill()
                self.assertTrue(ended(peer))
                self.assertTrue(ended(other))
                bystander[0].sendall(b"still")
                self.assertEqual(backend.read_exactly(bystander[1], 5),
                                 b"still")
                for end in (peer, other, *bystander):
                    end.close()
                self.wait_quiet()

    def test_a_node_that_stands_still_at_the_wrong_moment(self):
        self.start()
        client = self.client_at(2)
        peer = self.call(client, 1)
        token = client.token()
        node = self.the_relay.nodes[0]
        os.kill(node.pid, signal.SIGSTOP)
        self.addCleanup(node.child.send_signal, signal.SIGCONT)
        other = self.url_at(2).connect(token)
        self.addCleanup(other.close)
        # Control gives the node up, and with it the call.
        self.the_relay.wait_metric("carrick_calls_ended_total", 1,
                                   reason="node_lost")
        os.kill(node.pid, signal.SIGCONT)
        self.assertTrue(ended(other))
        other.close()
        self.the_relay.wait_nodes()
        # The node shows the peer again, which nobody had said a word to.
        late = self.answer(client, 3)
        late.sendall(b"late")
        self.assertEqual(backend.read_exactly(peer, 4), b"late")
        peer.close()
        late.close()
        self.wait_quiet()


@unittest.skipUnless(programs.IS_ROOT, "not root: no network namespaces")
class Swallowed(Siblings):
    """A sibling whose port takes packets and answers none."""

    def start(self, **options):
        self.wire = self.hosts("control", "users",
                               *(f"node{number}" for number in NODES))
        self.the_relay = self.relay(nodes=len(NODES), control=CONTROL, at={
            "control": self.wire["control"],
            **{f"splice{n}": self.wire[f"node{n}"] for n in NODES}},
            **options)
        self.enterContext(self.wire["users"].entered())

    def swallow(self, sender, at):
        """What one node says to the other's accept_listen."""
        self.wire[f"node{at}"].rule(
            "-s", self.wire[f"node{sender}"].address, "-p", "tcp",
            "--dport", str(ACCEPT), "-j", "DROP")

    def descriptors(self):
        return [n_descriptors(node) for node in self.the_relay.nodes]

    def test_a_join_is_refused_in_time_and_holds_nobody_up(self):
        self.start()
        clients = {number: self.client_at(number) for number in NODES}
        # Whatever is made once is made now.
        self.assert_others_are_served(clients)
        self.meet(clients[2], 1, 2)
        self.wait_quiet()
        had = self.descriptors()
        self.swallow(2, at=1)
        start = time.monotonic()
        calls = []
        for _ in range(N_SWALLOWED):
            peer = self.call(clients[2], 1)
            calls += peer, self.answer(clients[2], 2)
        self.assert_others_are_served(clients)
        self.assertLess(time.monotonic() - start, CONNECT_S)
        for end in calls:
            self.assertTrue(ended(end))
        self.assertAlmostEqual(time.monotonic() - start, CONNECT_S,
                               delta=SLACK)
        self.assert_refused()
        for end in calls:
            end.close()
        self.wait_quiet()
        until(lambda: self.descriptors() == had, "nothing is left open")
        self.wire["node1"].without_rules()
        self.meet(clients[2], 1, 2)

    def test_a_lost_answer_and_a_lost_ticket_cost_time_alone(self):
        self.start()
        client = self.client_at(2)
        self.lose_first("node2", "--sport", "SYN,ACK")
        self.lose_first("node1", "--dport", "PSH")
        self.meet(client, 1, 2)
        self.wait_quiet()

    def lose_first(self, host, side, flags):
        """The first packet with these that comes there by way of an
        accept_listen."""
        self.wire[host].rule(
            "-p", "tcp", side, str(ACCEPT), "--tcp-flags", flags, flags,
            "-m", "statistic", "--mode", "nth", "--every", "1000",
            "--packet", "0", "-j", "DROP")

    def meet(self, client, peer_at, client_at):
        peer = self.call(client, peer_at, b"hello")
        with self.answer(client, client_at) as other:
            self.assertEqual(backend.read_exactly(other, 5), b"hello")
        peer.close()

    def assert_others_are_served(self, clients):
        """At the same two nodes, and from the one to third ones."""
        for peer_at, client_at in ((1, 1), (2, 2), (2, 1), (3, 2), (1, 3)):
            start = time.monotonic()
            self.meet(clients[client_at], peer_at, client_at)
            self.assertLess(time.monotonic() - start, AT_ONCE)

    def assert_refused(self):
        self.assertEqual(self.the_relay.metrics().sum(
            "carrick_calls_ended_total", reason="not_joined"), N_SWALLOWED)
        self.assertTrue(self.the_relay.nodes[1].logged(
            "join-failed", "reason=sibling_unreached",
            f"sibling={self.wire['node1'].address}:{ACCEPT}"))
        self.assertEqual(len(self.the_relay.control.logged(
            "pair-ended", "kind=hop", "node=n2", "sibling_unreached")),
            N_SWALLOWED)


if __name__ == "__main__":
    case.main()
