"""A relay of its own for a test: one control, some splice nodes."""

import contextlib
import grp
import os
import random
import re
import socket

from . import activate, metrics, programs
from .links import COMMANDS, EVENTS, PUBLIC, Links
from .process import Process
from .tx3 import Url

_LISTEN = re.compile(r" listen=((?:\d+\.\d+\.\d+\.\d+|\[[0-9a-f:]+\]):\d+)")


def free_port():
    """A port that nobody has, and that no connection is given by chance."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as sock:
            try:
                sock.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class Relay:
    """control, splice: --set KEY=VALUE for each of these settings.
    splice_prefix: a command that starts the node, such as setpriv.
    environ: further variables for both daemons.
    at: the netns.Host of "control", "splice1" ...; the others run here. A
    node that has a host listens at its address, port 7443. If control has
    one, so have all nodes, and tcp:// links, to control_name if that is given.
    A links.Near will do for a host.
    sockets: listening ones that are passed to the node, as a service manager
    passes them.
    siblings: so many nodes, all here, may join each other; each lists the
    others' very addresses."""

    def __init__(self, folder, control=(), splice=(),
                 listen=("127.0.0.1:0", "[::1]:0"), splice_prefix=(),
                 environ=(), at=(), sockets=(),
                 control_name=None, siblings=0):
        self.folder = folder
        self._sockets = list(sockets)
        self._environ = dict(environ)
        self.run_dir = os.path.join(folder, "run")
        self.state_dir = os.path.join(folder, "state")
        self.admin_socket = os.path.join(self.run_dir, "admin.sock")
        self.admin = f"127.0.0.1:{free_port()}"
        self._control_settings = [f"admin_listen=[{self.admin}]", *control]
        # So that a test that fails amid its pairs does not end late.
        self._splice_settings = ["drain_timeout_ms=5000", *splice]
        if programs.IS_ROOT:
            self._splice_settings.append("user=nobody")
        self._splice_prefix = list(splice_prefix)
        self._listen = list(listen)
        self._at = dict(at)
        self._control_name = control_name
        self.accepts = {number: f"127.0.0.1:{free_port()}"
                        for number in range(1, siblings + 1)}
        self._make_folders()
        self._links = None
        if "control" in self._at:
            self._links = Links(self.state_dir, self.env(),
                                self._at["control"].network)
        self.control = None
        self.nodes = []
        self.processes = []  # all there ever were, newest last
        self.urls = []

    def _make_folders(self):
        # Nodes reach control's socket as members of the folder's group.
        os.chmod(self.folder, 0o711)
        os.mkdir(self.run_dir)
        os.mkdir(self.state_dir, 0o700)
        if programs.IS_ROOT:
            os.chown(self.run_dir, 0, grp.getgrnam("nogroup").gr_gid)
        os.chmod(self.run_dir, 0o2770)

    def pass_sockets(self, sockets):
        """To nodes that are started from now on."""
        self._sockets = list(sockets)

    def start(self, n_nodes=1):
        self.start_control()
        for number in range(1, n_nodes + 1):
            self.start_node(number)
        for _ in self._listen_of("splice1"):
            self.urls.append(Url(self.control.line_with("tx3-rst://")))
        self.url = self.urls[0]
        self.wait_nodes()

    def env(self):
        env = {k: v for k, v in os.environ.items()
               if k not in ("NOTIFY_SOCKET", "JOURNAL_STREAM")}
        env.update(RUNTIME_DIRECTORY=self.run_dir,
                   STATE_DIRECTORY=self.state_dir, **self._environ)
        return env

    def _spawn(self, argv, name, settings, env=None, pass_fds=()):
        for setting in settings:
            argv = [*argv, "--set", setting]
        log = os.path.join(self.folder, f"{name}.{len(self.processes)}.log")
        with self._on_host_of(name):
            process = Process(argv, log, env=env or self.env(),
                              pass_fds=pass_fds)
        self.processes.append(process)
        return process

    def _on_host_of(self, name):
        host = self._at.get(name)
        return host.entered() if host else contextlib.nullcontext()

    def _listen_of(self, name):
        host = self._at.get(name)
        return ([f"{host.address}:{host.port(PUBLIC)}"] if host
                else self._listen)

    def _link_of(self, number):
        if not self._links:
            return []
        control = self._at["control"]
        place = self._control_name or control.address
        return self._links.of_node(
            f"n{number}", self._at[f"splice{number}"],
            f"{place}:{control.port(EVENTS)}")

    def _siblings_of(self, number):
        if number not in self.accepts:
            return []
        others = [f'"{address}"' for other, address in self.accepts.items()
                  if other != number]
        return [f"accept_listen={self.accepts[number]}",
                f"siblings=[{', '.join(others)}]"]

    def move_control(self, host):
        """Its next start is there."""
        self._at["control"] = host

    def start_control(self, env=None):
        settings = list(self._control_settings)
        if self._links:
            settings += self._links.of_control(self._at["control"])
        self.control = self._spawn([programs.CONTROL], "control", settings,
                                   env)
        self.control.wait_logged(" ready ")
        return self.control

    def start_node(self, number, settings=(), env=None):
        name = f"splice{number}"
        listen = ", ".join(f'"{address}"' for address in self._listen_of(name))
        fds = [sock.fileno() for sock in self._sockets]
        node = self._spawn(
            [*self._splice_prefix, *activate.argv(fds), programs.SPLICE], name,
            [f"name=n{number}", f"listen=[{listen}]",
             *self._link_of(number), *self._siblings_of(number),
             *self._splice_settings, *settings], env, fds)
        ready = node.wait_logged(" ready ")[0]
        node.addresses = _LISTEN.findall(ready)
        if number <= len(self.nodes):
            self.nodes[number - 1] = node
        else:
            self.nodes.append(node)
        return node

    def events_at(self):
        """Where its nodes reach control: (host, port)."""
        host = self._at["control"]
        return host.address, host.port(EVENTS)

    def commands_at(self, number):
        """Where control reaches that node."""
        host = self._at[f"splice{number}"]
        return host.address, host.port(COMMANDS)

    def url_at(self, node):
        """The relay's URL at the first address of one of its nodes."""
        host, _, port = node.addresses[0].rpartition(":")
        url = Url(str(self.url))
        url.host, url.port = host.strip("[]"), int(port)
        return url

    def wait_nodes(self):
        """Until control has a session with every live node."""
        want = sum(node.is_alive() for node in self.nodes)
        programs.until(lambda: self.n_nodes() == want, "sessions with nodes")

    def n_nodes(self):
        """How many nodes have a session with control."""
        return sum(node["state"] == "ready" for node in self.status()["nodes"])

    def metrics(self):
        with self._on_host_of("control"):
            status, body = metrics.get_tcp(self.admin, "/metrics")
        assert status == 200, (status, body)
        return metrics.Metrics(body)

    def status(self):
        return metrics.get_status(self.admin_socket)

    def wait_metric(self, name, at_least, timeout=programs.PATIENCE,
                    **labels):
        """Until that metric is so large: figures come with the heartbeats."""
        return programs.until(
            lambda: self.metrics().sum(name, **labels) >= at_least,
            f"{name}{labels} >= {at_least}", timeout)

    def stop(self):
        """SIGTERM to all that live, newest first; their names and exit
        statuses. One that does not end keeps none of the others alive."""
        statuses = []

        def stop(process):
            statuses.append((process.argv[0], process.stop()))

        with contextlib.ExitStack() as stack:
            for process in self.processes:
                if process.is_alive():
                    stack.callback(stop, process)
        return statuses
