"""What the daemons are left with: the splice node no user, no capability, no
way back; both a memory that nobody else reads."""

import os
import pwd
import subprocess
import unittest

from harness import case, programs


def proc_status(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f)


class Privilege(case.Case):
    def assert_unprivileged(self, pid):
        """Every thread of it; their statuses."""
        statuses = []
        for task in os.listdir(f"/proc/{pid}/task"):
            status = proc_status(f"{pid}/task/{task}")
            self.assertNotIn("0", status["Uid"].split())
            self.assertNotIn("0", status["Gid"].split())
            self.assertNotIn("0", status["Groups"].split())
            for name in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
                self.assertEqual(int(status[name], 16), 0, name)
            self.assertEqual(status["NoNewPrivs"], "1")
            statuses.append(status)
        return statuses

    @unittest.skipUnless(programs.IS_ROOT, "not root")
    def test_started_as_root_it_becomes_its_user(self):
        node = self.relay().nodes[0]
        nobody = pwd.getpwnam("nobody")
        for status in self.assert_unprivileged(node.pid):
            self.assertEqual(set(status["Uid"].split()), {str(nobody.pw_uid)})
            self.assertEqual(int(status["CapBnd"], 16), 0)

    @unittest.skipUnless(programs.IS_ROOT, "not root: no other user to be")
    def test_started_unprivileged_it_gives_up_the_rest(self):
        # As a service manager starts it: a user, and no bounding set.
        relay = self.relay(splice_prefix=[
            "setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups",
            "--bounding-set=-all", "--inh-caps=-all"])
        for status in self.assert_unprivileged(relay.nodes[0].pid):
            self.assertEqual(int(status["CapBnd"], 16), 0)

    def assert_hidden(self, pid):
        with open(f"/proc/{pid}/limits", encoding="ascii") as f:
            self.assertRegex(f.read(), r"Max core file size +0 +0 ")
        if programs.SANITIZED:
            return  # the search for leaks traces it
        # The kernel gives root what is in /proc of who can't be dumped.
        self.assertNotIn("0", proc_status(pid)["Uid"].split())
        self.assertEqual(os.stat(f"/proc/{pid}/environ").st_uid, 0)

    def test_nobody_else_reads_the_memory_of_either(self):
        relay = self.relay(
            control=["user=nobody"] if programs.IS_ROOT else ())
        self.assert_hidden(relay.control.pid)
        self.assert_hidden(relay.nodes[0].pid)

    @unittest.skipUnless(programs.IS_ROOT, "not root")
    def test_control_that_stays_root_hides_its_keys_too(self):
        relay = self.relay()
        with open(f"/proc/{relay.control.pid}/limits", encoding="ascii") as f:
            self.assertRegex(f.read(), r"Max core file size +0 +0 ")

    @unittest.skipUnless(programs.IS_ROOT, "not root")
    def test_root_is_no_user_for_it(self):
        done = subprocess.run(
            [programs.SPLICE, "--set", "user=root",
             "--set", f"events_url=ipc://{self.folder}/control.events.ipc"],
            capture_output=True, text=True, check=False,
            timeout=programs.PATIENCE)
        self.assertEqual(done.returncode, 3)
        self.assertIn("root", done.stderr)

    def test_an_unknown_user_stops_the_start(self):
        done = subprocess.run(
            [programs.SPLICE, "--set", "user=no-such-user",
             "--set", f"events_url=ipc://{self.folder}/control.events.ipc"],
            capture_output=True, text=True, check=False,
            timeout=programs.PATIENCE)
        self.assertEqual(done.returncode, 3)
        self.assertIn("no-such-user", done.stderr)


class Linkage(unittest.TestCase):
    """What is not linked can't be called."""

    def libraries(self, program):
        return subprocess.run(["ldd", program], capture_output=True, text=True,
                              check=True, timeout=programs.PATIENCE).stdout

    def test_the_splice_node_has_no_tls(self):
        libraries = self.libraries(programs.SPLICE)
        self.assertIn("libevent", libraries)
        # libcrypto is there for sealed links, and nothing for TLS.
        for absent in ("libssl", "libevent_openssl", "libjansson"):
            self.assertNotIn(absent, libraries)

    def test_the_client_has_no_ipc(self):
        self.assertNotIn("libnanomsg", self.libraries(programs.CARRICK))


if __name__ == "__main__":
    case.main()
