"""Syncthing's own relay as the oracle for ours: the same messages to both; its
page of figures; its keys and flags taken over."""

import grp
import http.client
import json
import os
import subprocess
import threading
from concurrent import futures

import messages
from harness import backend, case, programs, relay, syncthing
from strelaysrv import Strelaysrv, as_known

GO_ONLY = {"buildDate", "buildHost", "buildUser", "goArch", "goMaxProcs",
           "goNumRoutine", "goOS", "goVersion"}


class Interop(case.Case):
    def ours(self, *control):
        """One relay with both protocols on its port."""
        ours = self.relay(control=[
            "frontends=[tx3, syncthing]",
            "max_control_streams_per_source=64", *control],
            listen=("127.0.0.1:0",))
        ours.syncthing = syncthing.Url(ours.control.line_with("relay://"))
        return ours


class Messages(Interop):
    def test_the_same_messages_to_both(self):
        theirs = messages.Stage(self, Strelaysrv(self).url)
        ours = messages.Stage(self, self.ours().syncthing)
        with futures.ThreadPoolExecutor(2) as pool:
            theirs, ours = pool.map(messages.play_all, (
                lambda row: as_known(lambda: row.come_to(theirs), row.theirs),
                lambda row: row.come_to(ours)))
        for row in messages.ROWS:
            with self.subTest(row.what, relay="strelaysrv"):
                self.assertEqual(theirs[row.what], row.theirs)
            with self.subTest(row.what, relay="carrick"):
                self.assertEqual(ours[row.what], row.ours)
            if row.why:
                print(f"differs: {row.what}: {row.theirs}, ours {row.ours}: "
                      f"{row.why}", flush=True)


def get(address, path="/status", method="GET"):
    """(status, headers, body)"""
    connection = http.client.HTTPConnection(address, timeout=programs.PATIENCE)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def page(address):
    status, headers, body = get(address)
    assert status == 200, (status, body)
    return headers, json.loads(body)


def shape(value):
    """Names and types, all the way down."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value]
    return type(value).__name__


class Status(Interop):
    def setUp(self):
        super().setUp()
        self.address = f"127.0.0.1:{relay.free_port()}"

    def ours(self, *control):
        return super().ours(
            f"syncthing_status_listen=[{self.address}]", *control)

    def test_names_and_types_are_strelaysrvs(self):
        theirs = shape(page(Strelaysrv(self).status)[1])
        self.ours()
        ours = shape(page(self.address)[1])
        self.assertEqual(set(theirs) - set(ours), GO_ONLY)
        self.assertEqual(ours, {name: what for name, what in theirs.items()
                                if name not in GO_ONLY})

    def test_defaults_are_strelaysrvs_where_they_can_be(self):
        theirs = page(Strelaysrv(self).status)[1]["options"]
        self.ours("connection_timeout_ms=60000")
        self.assertEqual(page(self.address)[1]["options"], theirs)

    def figures(self, url, address):
        """What both say in the course of a session."""
        stage, seen = messages.Stage(self, url), []

        def look():
            figures = page(address)[1]
            seen.append({name: figures[name] for name in (
                "numConnections", "numActiveSessions", "numProxies",
                "numPendingSessionKeys")})
        look()
        asked, invited = stage.invited()
        look()
        one = messages.let_in(stage, asked.key)
        look()
        other = messages.let_in(stage, invited.key)
        self.move(one, other, 1 << 20)
        look()
        one.close()
        other.close()
        programs.until(lambda: page(address)[1]["numActiveSessions"] == 0,
                       "the session is over")
        look()
        return seen

    def figures_of_strelaysrv(self):
        theirs = Strelaysrv(self)
        try:
            return self.figures(theirs.url, theirs.status)
        except AssertionError as why:
            return str(why)

    @staticmethod
    def move(one, other, n):
        sender = threading.Thread(target=one.sendall, args=(bytes(n),))
        sender.start()
        backend.read_exactly(other, n)
        sender.join()

    def test_figures_go_with_strelaysrvs_through_a_session(self):
        ours = self.figures(self.ours().syncthing, self.address)
        self.assertEqual(ours, as_known(self.figures_of_strelaysrv, ours))
        programs.until(
            lambda: page(self.address)[1]["bytesProxied"] >= 1 << 20,
            "bytes are counted")

    def test_no_device_is_named_and_no_page_elsewhere_may_read(self):
        ours = self.ours()
        stage = messages.Stage(self, ours.syncthing)
        device = stage.joined().device
        headers, figures = page(self.address)
        self.assertEqual(figures["numConnections"], 1)
        self.assertNotIn(device.id[:7], json.dumps(figures))
        self.assertNotIn("Access-Control-Allow-Origin", headers)
        self.assertEqual(headers["Content-Type"], "application/json")

    def test_nothing_else_is_there(self):
        self.ours()
        for path in ("/", "/metrics", "/healthz", "/statu", "/status/"):
            self.assertEqual(get(self.address, path)[0], 404)
        self.assertEqual(get(self.address, method="POST")[0], 405)
        self.assertEqual(get(self.address, method="HEAD")[0], 200)

    def test_it_is_off_by_default(self):
        plain = super().ours()
        self.assertNotIn("22070", plain.control.log())
        with self.assertRaises(OSError):
            get("127.0.0.1:22070")


class Import(Interop):
    def take_over(self, flags):
        """carrick-control import, and both daemons by what it wrote."""
        folder, run = self.fresh_path("taken"), self.fresh_path("run")
        os.mkdir(folder)
        os.mkdir(run)
        if programs.IS_ROOT:
            os.chmod(self.folder, 0o711)
            os.chown(run, 0, grp.getgrnam("nogroup").gr_gid)
        os.chmod(run, 0o2770)
        env = dict(os.environ, RUNTIME_DIRECTORY=run)
        config = os.path.join(folder, "control.yml")
        said = subprocess.run(
            [programs.CONTROL, "--config", config, "import", "strelaysrv",
             *flags], check=True, capture_output=True, text=True, env=env,
            timeout=programs.PATIENCE).stdout
        control = self.process([programs.CONTROL, "--config", config],
                               env=env)
        control.wait_logged(" ready ")
        user = ["--set", "user=nobody"] if programs.IS_ROOT else []
        splice = self.process(
            [programs.SPLICE, "--config", os.path.join(folder, "splice.yml"),
             *user], env=env)
        splice.wait_logged(" ready ")
        control.wait_logged("node-ready")
        return said, control

    def test_a_device_finds_the_same_relay_behind_the_same_url(self):
        theirs = Strelaysrv(self, flags=["-global-rate", "50000000"])
        device = syncthing.Device(self.fresh_path("device"))
        stream = syncthing.Stream(theirs.url, device)
        self.assertEqual(stream.join(), syncthing.SUCCESS)
        stream.close()
        theirs.process.stop()
        said, control = self.take_over(theirs.flags +
                                       ["-global-rate", "50000000"])
        self.assertIn("Everything was carried over", said)
        printed = control.line_with("relay://").split()[-1]
        self.assertEqual(printed, str(theirs.text().partition("&")[0]))
        self.assertIn(printed, said)
        stream = syncthing.Stream(theirs.url, device)
        self.addCleanup(stream.close)
        der = stream.sock.getpeercert(binary_form=True)
        self.assertEqual(syncthing.device_id(
            syncthing.hashlib.sha256(der).digest()), theirs.url.id)
        self.assertEqual(stream.join(), syncthing.SUCCESS)
        figures = page(theirs.status)[1]
        self.assertEqual(figures["options"]["global-rate"], 50000000)
        self.assertEqual(figures["numConnections"], 1)


if __name__ == "__main__":
    case.main()
