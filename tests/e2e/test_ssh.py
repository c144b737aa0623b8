"""What most people will do with it: ssh, scp and sftp to a machine that only
its relay can reach."""

import getpass
import hashlib
import os
import shutil
import subprocess
import unittest

from harness import case, programs
from harness.relay import free_port

# sshd is called by its whole path: it starts itself anew for each connection.
SSHD = shutil.which("sshd", path=os.environ.get("PATH", "") + ":/usr/sbin")
TOOLS = ("ssh", "scp", "sftp", "ssh-keygen")
MISSING = [tool for tool in TOOLS if not shutil.which(tool)]
if not SSHD:
    MISSING.append("sshd")

CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/authorized_keys
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
Subsystem sftp internal-sftp
"""


@unittest.skipIf(MISSING, f"not installed: {' '.join(MISSING)}")
class Ssh(case.Case):
    def setUp(self):
        super().setUp()
        os.chmod(self.folder, 0o711)
        self.make_key("host_key")
        self.make_key("user_key")
        shutil.copy(self.path("user_key.pub"), self.path("authorized_keys"))
        self.port = self.start_sshd()
        relay = self.relay()
        exposed = self.expose(relay.url, f"127.0.0.1:{self.port}")
        self.options = self.ssh_options(exposed.url)
        self.target = f"{getpass.getuser()}@behind-nat"

    def make_key(self, name):
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                        self.path(name)], check=True,
                       timeout=programs.PATIENCE)

    def start_sshd(self):
        port = free_port()
        with open(self.path("sshd_config"), "w", encoding="ascii") as f:
            f.write(CONFIG.format(port=port, folder=self.folder))
        if programs.IS_ROOT:
            # Debian's unit makes it; nothing of ours has to be in it.
            os.makedirs("/run/sshd", 0o755, exist_ok=True)
        sshd = self.process([SSHD, "-D", "-e", "-f", self.path("sshd_config")])
        sshd.wait_logged("Server listening")
        return port

    def ssh_options(self, url):
        with open(self.path("host_key.pub"), encoding="ascii") as f:
            host_key = " ".join(f.read().split()[:2])
        with open(self.path("known_hosts"), "w", encoding="ascii") as f:
            f.write(f"behind-nat {host_key}\n")
        values = {
            "ProxyCommand": f"{programs.CARRICK} connect {url}",
            "IdentityFile": self.path("user_key"),
            "IdentitiesOnly": "yes",
            "UserKnownHostsFile": self.path("known_hosts"),
            "StrictHostKeyChecking": "yes",
            "BatchMode": "yes",
        }
        return ["-F", "none",
                *(word for name, value in values.items()
                  for word in ("-o", f"{name}={value}"))]

    def run_tool(self, tool, *args, **options):
        done = subprocess.run([tool, *self.options, *args],
                              capture_output=True, check=False,
                              timeout=3 * programs.PATIENCE, **options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def big_file(self):
        """A file of 16 MiB, and its checksum."""
        data = os.urandom(16 << 20)
        with open(self.path("big"), "wb") as f:
            f.write(data)
        return self.path("big"), hashlib.sha256(data).digest()

    def checksum(self, name):
        with open(self.path(name), "rb") as f:
            return hashlib.sha256(f.read()).digest()

    def test_a_command_and_its_status(self):
        self.assertEqual(self.run_tool("ssh", self.target, "echo hello"),
                         b"hello\n")
        done = subprocess.run(["ssh", *self.options, self.target, "exit 42"],
                              capture_output=True, check=False,
                              timeout=programs.PATIENCE)
        self.assertEqual(done.returncode, 42, done.stderr)

    def test_input_of_a_command_ends_at_the_other_end(self):
        data = os.urandom(1 << 20)
        self.assertEqual(
            self.run_tool("ssh", self.target, "sha256sum", input=data),
            hashlib.sha256(data).hexdigest().encode() + b"  -\n")

    def test_scp_there_and_back(self):
        big, checksum = self.big_file()
        self.run_tool("scp", "-q", big,
                      f"{self.target}:{self.path('there')}")
        self.assertEqual(self.checksum("there"), checksum)
        self.run_tool("scp", "-q", f"{self.target}:{self.path('there')}",
                      self.path("back"))
        self.assertEqual(self.checksum("back"), checksum)

    def test_sftp(self):
        big, checksum = self.big_file()
        self.run_tool("sftp", "-q", "-b", "-", self.target,
                      input=f"put {big} {self.path('put')}\n"
                            f"get {self.path('put')} {self.path('got')}\n"
                            .encode())
        self.assertEqual(self.checksum("put"), checksum)
        self.assertEqual(self.checksum("got"), checksum)


if __name__ == "__main__":
    case.main()
