"""tcp:// links between control and nodes on hosts of their own: keys and
settings for both ends."""

import contextlib
import os
import random
import subprocess

from . import netns, programs

PUBLIC, EVENTS, COMMANDS, ACCEPT = 7443, 7447, 7448, 7449


class Near:
    """In a netns.Host's place: a loopback address of this machine that nobody
    else has, and ports that nobody has at all addresses."""

    network = "127.0.0.0/8"
    _taken = random.randrange(0x7f010000, 0x7ff00000)
    _shift = random.randrange(13000, 24000, 10)

    def __init__(self):
        Near._taken += 1
        self.address = ".".join(str(Near._taken >> shift & 255)
                                for shift in (24, 16, 8, 0))

    def port(self, usual):
        return usual + self._shift

    @staticmethod
    def entered():
        return contextlib.nullcontext()


class Links:
    """state_dir: control's, where its keys are made. network: the hosts'."""

    def __init__(self, state_dir, env, network=netns.NETWORK):
        self._state_dir = state_dir
        self._env = env
        self._network = network
        self._run("--init")

    def _run(self, *args):
        return subprocess.run(
            [programs.CONTROL, *args], check=True, capture_output=True,
            timeout=programs.PATIENCE, env=self._env).stdout

    def of_control(self, host):
        return [f"events_url=tcp://{host.address}:{host.port(EVENTS)}",
                f'nodes=[{{name: "n*", networks: ["{self._network}"]}}]']

    def of_node(self, name, host, control):
        """control: HOST:PORT; a name that the node's host knows will do."""
        key = os.path.join(self._state_dir, f"{name}.key")
        with open(key, "wb", opener=_privately) as f:
            f.write(self._run("node-key", name))
        return [f"events_url=tcp://{control}",
                f"link_key={key}",
                f"commands_listen={host.address}:{host.port(COMMANDS)}",
                f"accept_listen={host.address}:{host.port(ACCEPT)}",
                *self._siblings()]

    def _siblings(self):
        """A network of loopback addresses would name nobody."""
        if self._network.startswith("127."):
            return []
        return [f'siblings=["{self._network}:{ACCEPT}"]']


def _privately(path, flags):
    return os.open(path, flags, 0o600)
