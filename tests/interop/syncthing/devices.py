"""Debian's syncthing as the tests' processes: devices whose only way to each
other is a relay."""

import hashlib
import json
import os
import subprocess
import urllib.error
import urllib.request
import xml.etree.ElementTree as ET

from harness import case, programs, relay

SYNCTHING = "syncthing"
API_KEY = "k" * 32
FOLDER = "t1"
NOWHERE = "127.0.0.1:1"
# A device that found nobody at first tries again after 5, 5, 5, 8, 16 s.
CONNECTS_WITHIN = 90

# Nothing but the relay is tried, and nobody outside is asked.
OPTIONS = {
    "globalAnnounceEnabled": "false",
    "localAnnounceEnabled": "false",
    "relaysEnabled": "true",
    "relayReconnectIntervalM": "1",
    "reconnectionIntervalS": "5",
    "natEnabled": "false",
    "startBrowser": "false",
    "urAccepted": "-1",
    "autoUpgradeIntervalH": "0",
    "crashReportingEnabled": "false",
    "stunKeepaliveStartS": "0",
    "stunServer": NOWHERE,
    "announceLANAddresses": "false",
    "setLowPriority": "false",
    "globalAnnounceServer": f"https://{NOWHERE}",
    "releasesURL": f"https://{NOWHERE}",
    "crashReportingURL": f"https://{NOWHERE}",
    "urURL": f"https://{NOWHERE}",
}


def set_text(parent, tag, text):
    """One child of that name, and no other."""
    for child in parent.findall(tag):
        parent.remove(child)
    ET.SubElement(parent, tag).text = text


class Device:
    """One instance with one folder; its id is known once it is made."""

    def __init__(self, test, name):
        self.test = test
        self.name = name
        self.home = test.path(name)
        self.folder = test.path(f"{name}.folder")
        os.makedirs(os.path.join(self.folder, ".stfolder"))
        self.gui = f"127.0.0.1:{relay.free_port()}"
        self.process = None
        self.relay_url = None
        self.peer = None
        self._run("generate", "--no-default-folder", "--skip-port-probing")
        self.id = self._run("serve", "--device-id").strip()

    def _run(self, command, *args):
        return subprocess.run(
            [SYNCTHING, command, f"--home={self.home}", *args], check=True,
            capture_output=True, text=True, timeout=60).stdout

    def configure(self, relay_url, peer, dials=None):
        """relay_url: where it listens. dials: the relay at which it finds its
        peer; without it waits for the peer."""
        self.relay_url = relay_url
        self.peer = peer
        path = os.path.join(self.home, "config.xml")
        tree = ET.parse(path)
        root = tree.getroot()
        options = root.find("options")
        set_text(options, "listenAddress", relay_url)
        for tag, text in OPTIONS.items():
            set_text(options, tag, text)
        gui = root.find("gui")
        set_text(gui, "address", self.gui)
        set_text(gui, "apikey", API_KEY)
        other = ET.SubElement(root, "device", id=peer.id, name=peer.name,
                              compression="never")
        set_text(other, "address", dials or "dynamic")
        set_text(other, "paused", "false")
        folder = ET.SubElement(root, "folder", id=FOLDER, label=FOLDER,
                               path=self.folder, type="sendreceive",
                               fsWatcherDelayS="1", rescanIntervalS="3600")
        for each in (self, peer):
            ET.SubElement(folder, "device", id=each.id)
        tree.write(path)

    def start(self):
        # The inner process alone: who is killed is who talks to the relay.
        env = dict(os.environ, STMONITORED="yes", STNOUPGRADE="1",
                   GOMAXPROCS="2", HOME=self.home)
        self.process = self.test.process(
            [SYNCTHING, "serve", f"--home={self.home}", "--no-browser",
             "--no-upgrade", "--no-default-folder", "--logfile=-"], env=env)
        return self

    def rest(self, path, method="GET"):
        request = urllib.request.Request(
            f"http://{self.gui}/rest/{path}", method=method,
            headers={"X-API-Key": API_KEY})
        with urllib.request.urlopen(request, timeout=10) as answer:
            body = answer.read()
        return json.loads(body) if body.strip() else None

    def _try_rest(self, path):
        try:
            return self.rest(path)
        except (urllib.error.URLError, OSError):
            return None

    def listener_error(self):
        """Of its relay; None when it has joined, "..." before it is known."""
        status = self._try_rest("system/status") or {}
        for url, listener in status.get("connectionServiceStatus", {}).items():
            if url.startswith("relay://"):
                return listener["error"]
        return "..."

    def wait_joined(self, timeout=CONNECTS_WITHIN):
        def joined():
            return (self.listener_error() is None and
                    "Joined relay" in self.process.output())
        programs.until(joined, f"{self.name} joins its relay", timeout)

    def connection(self):
        """To its peer; {} if there is none."""
        connections = self._try_rest("system/connections") or {}
        return connections.get("connections", {}).get(self.peer.id, {})

    def is_connected(self):
        return self.connection().get("connected", False)

    def wait_connected(self, timeout=CONNECTS_WITHIN):
        programs.until(self.is_connected,
                       f"{self.name} is connected", timeout)

    def scan(self):
        self.rest(f"db/scan?folder={FOLDER}", "POST")

    def write(self, name, data):
        path = os.path.join(self.folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as f:
            f.write(data)

    def checksums(self):
        """Of each file of its folder that is whole."""
        sums = {}
        for top, _, names in os.walk(self.folder):
            for name in names:
                if name.startswith((".syncthing.", "~syncthing~")):
                    continue
                path = os.path.join(top, name)
                with open(path, "rb") as f:
                    digest = hashlib.file_digest(f, "sha256").hexdigest()
                sums[os.path.relpath(path, self.folder)] = digest
        return sums

    def has(self, name, data):
        try:
            with open(os.path.join(self.folder, name), "rb") as f:
                return f.read() == data
        except FileNotFoundError:
            return False


class Interop(case.Case):
    def serve(self, nodes=1, **options):
        """Our relay with both protocols on its port; .syncthing is its URL at
        the first node."""
        relay = self.relay(nodes, control=["frontends=[tx3, syncthing]"],
                           **options)
        relay.syncthing = relay.control.line_with("relay://").split()[-1]
        return relay

    @staticmethod
    def url_at(relay, number):
        """The same at another node's first address."""
        node = relay.nodes[number].addresses[0]
        return f"relay://{node}/?{relay.syncthing.partition('/?')[2]}"

    def pair(self, relay_url, dial_url=None):
        """Two devices at the relay, connected: a listens at relay_url, b
        dials it at dial_url."""
        a, b = Device(self, "a"), Device(self, "b")
        a.configure(relay_url, b)
        b.configure(dial_url or relay_url, a, dials=dial_url or relay_url)
        a.start().wait_joined()
        b.start().wait_joined()
        for device in (a, b):
            device.wait_connected()
        return a, b

    def assert_relayed(self, a, b):
        self.assertEqual({d.connection()["type"] for d in (a, b)},
                         {"relay-client", "relay-server"})

    def sync(self, a, b, name, data, timeout=CONNECTS_WITHIN):
        """A file of a's reaches b."""
        a.write(name, data)
        a.scan()
        programs.until(lambda: b.has(name, data), f"{name} reaches b", timeout)
