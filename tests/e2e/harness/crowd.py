"""Very many connections, by a program of their own (tests/e2e/crowd)."""

import subprocess

from . import case, programs


class CrowdCase(case.Case):
    def crowd(self, command, relay, **options):
        """It says a word where it waits, and goes on at .say("go")."""
        program = programs.crowd()
        if not program:
            self.skipTest("carrick-crowd is in build folders alone")
        argv = [program, command, "--relay", str(relay.url)]
        for name, value in options.items():
            argv += ["-n" if name == "n" else f"--{name}", str(value)]
        return self.process(argv, stdin=subprocess.PIPE)
