"""Nodes whose links with control go over tcp:// and are sealed, on loopback
addresses of one machine."""

import os
import socket
import subprocess
import threading
import time

from harness import case, programs
from harness.links import EVENTS, Near
from harness.programs import PATIENCE, until

CONFIG, USAGE = 3, 2


class Recorder(threading.Thread):
    """Between a node and control's events: passes on and remembers."""

    def __init__(self, control):
        super().__init__(daemon=True)
        self.address = Near().address
        self.said = bytearray()
        self._control = control.address, control.port(EVENTS)
        self._server = socket.create_server((self.address,
                                             control.port(EVENTS)))
        self.start()

    def run(self):
        while True:
            try:
                node, _ = self._server.accept()
            except OSError:
                return
            control = socket.create_connection(self._control)
            for pair in ((node, control, True), (control, node, False)):
                threading.Thread(target=self._pass, args=pair,
                                 daemon=True).start()

    def _pass(self, source, to, remembers):
        try:
            while data := source.recv(65536):
                if remembers:
                    self.said += data
                to.sendall(data)
        except OSError:
            pass
        for sock in (source, to):
            sock.close()

    def stop(self):
        self._server.close()


class Sealed(case.Case):
    def sealed_relay(self, nodes=2, **options):
        names = ["control", *(f"splice{i}" for i in range(1, nodes + 1))]
        return self.relay(nodes, at={name: Near() for name in names},
                          **options)

    def echo(self, relay, *options):
        return self.expose(relay.url, self.backend().address, *options)

    def call(self, exposed):
        """Says something through the relay, and hears it again."""
        done = self.run_carrick("ping", str(exposed.url))
        self.assertEqual(done.returncode, 0, done.stderr)


class Links(Sealed):
    def test_a_relay_relays(self):
        relay = self.sealed_relay()
        for node in relay.nodes:
            exposed = self.expose(relay.url_at(node), self.backend().address)
            self.call(exposed)

    def test_a_new_control_finds_its_nodes_and_their_pairs(self):
        relay = self.sealed_relay()
        exposed = self.echo(relay, "--raw")
        peer = exposed.url.call()
        self.addCleanup(peer.close)
        peer.sendall(b"before")
        self.assertEqual(peer.recv(6, socket.MSG_WAITALL), b"before")
        relay.control.kill()
        time.sleep(1)
        relay.start_control()
        relay.wait_nodes()
        peer.sendall(b"afterwards")
        self.assertEqual(peer.recv(10, socket.MSG_WAITALL), b"afterwards")
        until(lambda: relay.metrics().sum("carrick_pairs_adopted_total") > 0,
              "the pair in the new control's books")
        exposed.wait_logged("registered", count=2)
        self.call(self.echo(relay))

    def test_a_new_node_takes_its_place(self):
        relay = self.sealed_relay()
        relay.nodes[0].kill()
        relay.start_node(1, [])
        relay.wait_nodes()
        self.call(self.expose(relay.url_at(relay.nodes[0]),
                              self.backend().address))

    def test_control_has_a_name(self):
        control = Near()
        control.address = "127.0.0.1"
        relay = self.relay(1, control_name="localhost",
                           at={"control": control, "splice1": Near()})
        self.call(self.echo(relay))


class Refusals(Sealed):
    def refused(self, relay, number, metric, why, *settings):
        """A node that is not let in, while the others go on."""
        sessions = relay.metrics().sum("carrick_sessions_total")
        node = relay.start_node(number, settings)
        relay.control.wait_logged("node-refused", f"node=n{number}", why)
        relay.wait_metric("carrick_events_dropped_total", 2, reason=metric)
        node.wait_logged("control-silent")
        self.assertEqual(relay.n_nodes(), 1)
        self.assertEqual(relay.metrics().sum("carrick_sessions_total"),
                         sessions)
        self.call(self.echo(relay))

    def relay_and_place(self):
        """A relay of one node, and the place of a second."""
        return self.relay(1, at={name: Near() for name in (
            "control", "splice1", "splice2")})

    def other_key(self, name):
        """Of that name, from another cluster."""
        state = self.fresh_path("state")
        env = {**os.environ, "STATE_DIRECTORY": state}
        os.mkdir(state)
        subprocess.run([programs.CONTROL, "--init"], check=True, env=env,
                       capture_output=True, timeout=PATIENCE)
        key = self.path(f"{name}.other.key")
        with open(os.open(key, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as f:
            subprocess.run([programs.CONTROL, "node-key", name], check=True,
                           env=env, stdout=f, stderr=subprocess.DEVNULL,
                           timeout=PATIENCE)
        return key

    def test_a_key_of_another_cluster(self):
        relay = self.relay_and_place()
        self.refused(relay, 2, "seal_forged", "not sealed with this name's",
                     f"link_key={self.other_key('n2')}")

    def test_an_address_outside_the_networks(self):
        relay = self.relay_and_place()
        _, port = relay.commands_at(2)
        self.refused(relay, 2, "node_network", "in none of the networks",
                     f'commands_listen="[::1]:{port}"')

    def test_a_name_that_is_not_listed(self):
        relay = self.relay_and_place()
        key = self.other_key("edge")
        relay.start_node(2, ["name=edge", f"link_key={key}"])
        relay.control.wait_logged("node-refused", "node=edge",
                                  "no entry of nodes: has this name")
        relay.wait_metric("carrick_events_dropped_total", 2,
                          reason="node_unlisted")


class Wire(Sealed):
    """Who is on the way."""

    def recorded(self):
        places = {name: Near() for name in ("control", "splice1")}
        recorder = Recorder(places["control"])
        self.addCleanup(recorder.stop)
        relay = self.relay(1, at=places, control_name=recorder.address)
        return relay, recorder

    def test_it_shows_who_speaks_and_nothing_else(self):
        relay, recorder = self.recorded()
        exposed = self.echo(relay)
        self.call(exposed)
        said = bytes(recorder.said)
        self.assertIn(b"\0SP\0", said)
        self.assertIn(b"\2n1", said)
        self.assertNotIn(b"carrick-splice", said)
        self.assertNotIn(exposed.url.digest, said)

    def test_what_is_said_again_changes_nothing(self):
        relay, recorder = self.recorded()
        self.call(self.echo(relay))
        before = relay.metrics()
        with socket.create_connection(relay.events_at()) as sock:
            sock.sendall(recorder.said)
            relay.wait_metric("carrick_events_dropped_total", 1,
                              reason="seal_repeated")
            time.sleep(1)
        after = relay.metrics()
        for name in ("carrick_sessions_total", "carrick_sessions_lost_total",
                     "carrick_arrivals_total", "carrick_pairs_total"):
            self.assertEqual(after.sum(name), before.sum(name), name)
        self.call(self.echo(relay))

    def test_strangers_harm_nobody(self):
        relay = self.sealed_relay(1)
        for said in (b"GET / HTTP/1.1\r\n\r\n", b"\0SP\0\0\x50\0\0",
                     b"\0SP\0\0\x50\0\0" + b"\xff" * 8 + os.urandom(100),
                     b"\0SP\0\0\x50\0\0" + b"\0" * 7 + b"\x30" +
                     os.urandom(48),
                     b"\0SP\0\0\x50\0\0" + b"\0" * 8, os.urandom(64), b""):
            for place in relay.events_at(), relay.commands_at(1):
                sock = socket.create_connection(place)
                self.addCleanup(sock.close)
                sock.sendall(said)
        relay.wait_metric("carrick_events_dropped_total", 1,
                          reason="seal_form")
        time.sleep(1.5)  # nanomsg gives a header 1 s
        self.assertEqual(relay.n_nodes(), 1)
        self.call(self.echo(relay))


class Keys(Sealed):
    def control(self, *args, state=None):
        env = {**os.environ, "STATE_DIRECTORY": state or self.state}
        return subprocess.run([programs.CONTROL, *args], env=env, text=True,
                              capture_output=True, timeout=PATIENCE,
                              check=False)

    def setUp(self):
        super().setUp()
        self.state = self.path("state")
        os.mkdir(self.state)
        self.assertEqual(self.control("--init").returncode, 0)

    def splice_check(self, name, key):
        return subprocess.run(
            [programs.SPLICE, "--check", "--set", f"name={name}", "--set",
             f"link_key={key}", "--set", "events_url=tcp://127.0.0.1:7447",
             "--set", "commands_listen=127.0.0.1:7448", "--set",
             "accept_listen=127.0.0.1:7449"],
            capture_output=True, text=True, timeout=PATIENCE, check=False)

    def key_file(self, name, mode=0o600):
        path = self.path(f"{name}.key")
        with open(path, "w", encoding="ascii") as f:
            f.write(self.control("node-key", name).stdout)
        os.chmod(path, mode)
        return path

    def test_init_makes_a_cluster_key_for_its_owner_alone(self):
        path = os.path.join(self.state, "cluster.key")
        self.assertEqual(os.stat(path).st_mode & 0o7777, 0o600)
        done = self.control("--check", "--config",
                            os.path.join(self.state, "control.yml"))
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_a_nodes_key_is_always_the_same_and_no_others(self):
        one, again, two = (self.control("node-key", name).stdout
                           for name in ("n1", "n1", "n2"))
        self.assertEqual(one, again)
        self.assertIn("carrick-link-key n1 ", one)
        self.assertNotEqual(one.split()[-1], two.split()[-1])
        with open(os.path.join(self.state, "cluster.key"),
                  encoding="ascii") as f:
            self.assertNotIn(one.split()[-1], f.read())

    def test_node_key_says_what_is_wrong(self):
        for name, status, word in (("No", USAGE, "a-z 0-9"),
                                   ("-x", USAGE, "must follow")):
            done = self.control("node-key", name)
            self.assertEqual(done.returncode, status, done.stderr)
            self.assertIn(word, done.stderr)
        self.assertEqual(self.control("node-key").returncode, USAGE)
        done = self.control("node-key", "n1", state=self.path("nowhere"))
        self.assertEqual(done.returncode, CONFIG)
        self.assertIn("carrick-control --init makes one", done.stderr)
        done = self.control("node-key", "n1")
        self.assertIn("no entry of nodes: has the name n1", done.stderr)

    def test_a_cluster_key_that_others_can_read_is_refused(self):
        os.chmod(os.path.join(self.state, "cluster.key"), 0o640)
        for args in (["node-key", "n1"],
                     ["--check", "--set", "events_url=tcp://127.0.0.1:7447",
                      "--set", "nodes=[{name: n1, networks: [127.0.0.1]}]"]):
            done = self.control(*args)
            self.assertEqual(done.returncode, CONFIG, args)
            self.assertIn("chmod 600", done.stderr)

    def test_a_node_checks_its_key(self):
        good = self.key_file("n1")
        self.assertEqual(self.splice_check("n1", good).returncode, 0)
        for name, key, word in (
                ("n2", good, "the link key of node 'n1'"),
                ("n1", self.path("none"), "node-key n1 prints"),
                ("n1", os.path.join(self.state, "cluster.key"),
                 "holds a cluster-key"),
                ("n3", self.key_file("n3", 0o644), "chmod 600")):
            done = self.splice_check(name, key)
            self.assertEqual(done.returncode, CONFIG, done.stderr)
            self.assertIn(word, done.stderr)

    def test_no_key_is_where_others_look(self):
        relay = self.sealed_relay(1)
        with open(os.path.join(relay.state_dir, "cluster.key"),
                  encoding="ascii") as f:
            cluster = f.read().split()[-1].encode()
        with open(os.path.join(relay.state_dir, "n1.key"),
                  encoding="ascii") as f:
            link = f.read().split()[-1].encode()
        for process in (relay.control, relay.nodes[0]):
            for name in ("cmdline", "environ"):
                with open(f"/proc/{process.pid}/{name}", "rb") as f:
                    shown = f.read()
                self.assertNotIn(cluster, shown)
                self.assertNotIn(link, shown)
            for key in (cluster, link):
                self.assertNotIn(key.decode(), process.log())


if __name__ == "__main__":
    case.main()
