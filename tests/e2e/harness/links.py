"""tcp:// links between control and nodes on hosts of their own: keys and
settings for both ends."""

import os
import subprocess

from . import netns, programs

_EVENTS, _COMMANDS, _ACCEPT = 7447, 7448, 7449


class Links:
    """state_dir: control's, where its keys are made."""

    def __init__(self, state_dir, env):
        self._state_dir = state_dir
        self._env = env
        self._run("--init")

    def _run(self, *args):
        return subprocess.run(
            [programs.CONTROL, *args], check=True, capture_output=True,
            timeout=programs.PATIENCE, env=self._env).stdout

    @staticmethod
    def of_control(host):
        return [f"events_url=tcp://{host.address}:{_EVENTS}",
                f'nodes=[{{name: "n*", networks: ["{netns.NETWORK}"]}}]']

    def of_node(self, name, host, control):
        """control: its address, or a name that the node's host knows."""
        key = os.path.join(self._state_dir, f"{name}.key")
        with open(key, "wb", opener=_privately) as f:
            f.write(self._run("node-key", name))
        return [f"events_url=tcp://{control}:{_EVENTS}",
                f"link_key={key}",
                f"commands_listen={host.address}:{_COMMANDS}",
                f"accept_listen={host.address}:{_ACCEPT}",
                f'siblings=["{netns.NETWORK}:{_ACCEPT}"]']


def _privately(path, flags):
    return os.open(path, flags, 0o600)
