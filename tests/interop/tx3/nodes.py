"""Real tx3 nodes as the tests' processes; $TX3_INTEROP is their program."""

import os
import subprocess

from harness import case, tx3

PROGRAM = os.environ["TX3_INTEROP"]
TIMEOUT = 240  # s, for what one run of the nodes may take


class Interop(case.Case):
    def run_nodes(self, *args):
        """A run of the nodes' program that ends by itself."""
        return subprocess.run(
            [PROGRAM, *args, "--timeout-s", str(TIMEOUT)], text=True,
            capture_output=True, check=False, timeout=TIMEOUT + 10)

    def nodes(self, *args):
        """The same, with 0."""
        done = self.run_nodes(*args)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def stays(self, *args):
        """A node, or the original relay, that stays; its .url is the one it
        prints first."""
        process = self.process([PROGRAM, *args, "--timeout-s", "0"])
        process.url = tx3.Url(process.line())
        return process

    def tx3_relay(self, *limits):
        """The crate's own relay."""
        return self.stays("relay", *limits)

    def tx3_expose(self, relay, mode, *args):
        """A tx3 node that waits behind a relay; its .url is its own."""
        return self.stays("expose", "--relay", str(relay.url), "--mode", mode,
                          *args)
