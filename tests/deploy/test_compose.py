"""The relay in containers, as README's deployment section brings it up."""

import json
import os
import re
import subprocess
import time

from harness import case, load, traffic, tx3
from harness.programs import until

TOP = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
BALANCED = "deploy/docker-compose.yml"
PORTS = "deploy/docker-compose.ports.yml"
NODES = ["splice-1", "splice-2", "splice-3"]
TX3_INTEROP = os.environ.get("TX3_INTEROP")

N_TRANSFERS = 200
RENDEZVOUS_PER_S = 50
N_RENDEZVOUS = 3000
DRAIN = 60  # s: drain_timeout_ms by default
SHORT = (1, 20)  # s, of a transfer: all of them shorter than the drain
N_PAIRS = 12  # at least, when a container is killed
STARTS_WITHIN = 90
UP_AGAIN_WITHIN = 20


def run(*args, timeout=180, check=True):
    done = subprocess.run(args, cwd=TOP, capture_output=True, text=True,
                          check=False, timeout=timeout)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(args)}: {done.returncode}\n"
                             + done.stdout + done.stderr)
    return done.stdout


def readme_commands(file):
    """The lines that README gives to who deploys with that compose file."""
    with open(os.path.join(TOP, "README.md"), encoding="utf-8") as f:
        blocks = re.findall(r"```sh\n(.*?)```", f.read(), re.S)
    lines = [line for block in blocks for line in block.splitlines()
             if f"docker-compose -f {file} " in line]
    assert lines, f"README says nothing of {file}"
    return lines


class Compose:
    """One compose file, brought up."""

    def __init__(self, file):
        self.file = file

    def __call__(self, *args, **options):
        return run("docker-compose", "-f", self.file, *args, **options)

    def up(self):
        for line in readme_commands(self.file):
            if " up " in line:
                run("sh", "-ec", line, timeout=600)

    def down(self):
        self("down", "-v", "--remove-orphans", "-t", "2", check=False)

    def urls(self):
        log = self("logs", "--no-color", "control")
        return [tx3.Url(text) for text in
                re.findall(r"tx3-rst://\S+", log)]

    def container(self, service):
        return run("docker", "ps", "-aq", "--no-trunc", "-f",
                   f"label=com.docker.compose.service={service}").strip()

    def status(self):
        return json.loads(self("exec", "-T", "control", "carrick", "status",
                               "--json"))

    def n_ready(self):
        try:
            return sum(n["state"] == "ready" for n in self.status()["nodes"])
        except AssertionError:  # control is away just now
            return 0

    def wait_ready(self, n=len(NODES), timeout=STARTS_WITHIN):
        until(lambda: self.n_ready() == n, f"{n} nodes are ready", timeout)

    def health(self, service):
        return run("docker", "inspect", "-f", "{{.State.Health.Status}}",
                   self.container(service)).strip()


class Deployed(case.Case):
    file = BALANCED

    @classmethod
    def setUpClass(cls):
        cls.compose = Compose(cls.file)
        cls.compose.down()
        try:
            cls.compose.up()
            cls.compose.wait_ready()
            cls.urls = until(cls.compose.urls, "control prints its URLs")
        except BaseException:
            cls.tearDownClass()
            raise

    @classmethod
    def tearDownClass(cls):
        if cls.last_failed():
            print(cls.compose("logs", "--no-color", "--tail=30",
                              check=False), flush=True)
        cls.compose.down()

    @classmethod
    def last_failed(cls):
        return getattr(cls, "failed", True)

    def run(self, result=None):
        before = len(result.failures) + len(result.errors)
        super().run(result)
        type(self).failed = (getattr(type(self), "failed", False) or
                             len(result.failures) + len(result.errors) > before)
        return result

    def exposed(self, n=1, url=None):
        """n clients that expose an echo; their URLs."""
        echo = self.backend().address
        return [self.expose(url or self.urls[0], echo, "--raw").url
                for _ in range(n)]


class Balanced(Deployed):
    def test_it_is_confined(self):
        for service in ["control", *NODES, "balancer"]:
            container = self.compose.container(service)
            said = run("docker", "inspect", "-f",
                       "{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.CapDrop}}"
                       " {{.HostConfig.SecurityOpt}}", container).strip()
            self.assertEqual(said, "true [ALL] [no-new-privileges:true]")
            status = run("docker", "exec", container, "cat", "/proc/1/status")
            self.assertRegex(status, r"CapEff:\t0{16}\n")
            self.assertNotRegex(status, r"Uid:\t0\t")
        networks = run("docker", "inspect", "-f",
                       "{{range $k, $v := .NetworkSettings.Networks}}"
                       "{{$k}} {{end}}", self.compose.container("control"))
        self.assertEqual(sorted(networks.split()),
                         ["deploy_links", "deploy_metrics"])
        self.assertEqual(run("docker", "port",
                             self.compose.container("control")), "")

    def test_a_node_has_its_own_key_alone(self):
        keys = {run("docker", "exec", self.compose.container(node),
                    "cat", "/etc/carrick-key/link.key") for node in NODES}
        self.assertEqual(len(keys), len(NODES))
        for node in NODES:
            said = run("docker", "inspect", self.compose.container(node))
            for key in keys:
                self.assertNotIn(key.strip().splitlines()[-1], said)

    def test_all_are_healthy(self):
        for service in ["control", *NODES]:
            until(lambda s=service: self.compose.health(s) == "healthy",
                  f"{service} is healthy", STARTS_WITHIN)

    def test_metrics_are_on_their_own_network(self):
        body = run("curl", "-sS", "--fail", "--max-time", "5",
                   "http://10.217.3.2:7445/metrics")
        self.assertIn("carrick_", body)

    def test_readmes_other_commands(self):
        for line in readme_commands(self.file):
            if " up " not in line and " down" not in line:
                self.assertNotEqual(run("sh", "-ec", line), "", line)

    def test_calls_through_one_port(self):
        # Client, caller and token each come to a node that chance names.
        for url in self.exposed(3):
            for _ in range(10):
                load.Talker(url).close()

    def test_real_tx3_nodes(self):
        if not TX3_INTEROP:
            self.skipTest("the tx3 nodes can't be built here")
        for _ in range(4):
            done = subprocess.run(
                [TX3_INTEROP, "pair", "--relay", str(self.urls[0]),
                 "--bytes", "16M", "--timeout-s", "60"], check=False,
                capture_output=True, text=True, timeout=90)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_containers_killed_one_by_one(self):
        urls = self.exposed(3)
        for service in [*NODES, "control"]:
            with self.subTest(killed=service):
                self.kill(service, urls)

    def kill(self, service, urls):
        """Pairs of the others live on; all is well again soon."""
        talkers = self.talkers_everywhere(service, urls)
        at_risk = self.pairs_at(service)
        run("docker", "kill", self.compose.container(service))
        try:
            n_alive = sum(self.is_alive(t) for t in talkers)
        finally:
            # An operator's kill is not undone by restart: unless-stopped.
            start = time.monotonic()
            run("docker", "start", self.compose.container(service))
        for talker in talkers:
            talker.close()
        self.compose.wait_ready()
        for url in urls:
            until(lambda u=url: self.answers(u), f"{url} answers",
                  UP_AGAIN_WITHIN)
        print(f"{service} killed: {n_alive} of {len(talkers)} pairs live on, "
              f"all well {time.monotonic() - start:.1f} s after its start",
              flush=True)
        self.assertGreaterEqual(n_alive, len(talkers) - at_risk)

    def talkers_everywhere(self, victim, urls):
        """Pairs over every node, and some that do without the victim: a
        balancer takes a moment to see that a node is back."""
        talkers = []

        def are_everywhere():
            talkers.extend(load.Talker(url) for url in urls)
            return (len(talkers) >= N_PAIRS and
                    all(self.pairs_at(node) > 0 for node in NODES) and
                    len(talkers) - self.pairs_at(victim) >= len(urls))

        until(are_everywhere, "pairs over all nodes", UP_AGAIN_WITHIN)
        return talkers

    def pairs_at(self, name):
        """What that node splices, control streams too; 0 of another's."""
        return sum(node["pairs"] for node in self.compose.status()["nodes"]
                   if node["name"] == name)

    @staticmethod
    def is_alive(talker):
        try:
            talker.talk(b"still there?")
            return True
        except (OSError, AssertionError):
            return False

    @classmethod
    def answers(cls, url):
        try:
            load.Talker(url).close()
            return True
        except (OSError, AssertionError):
            return False

    def test_rolling_restart_under_load(self):
        urls = self.exposed(4)
        flow = traffic.Traffic(urls, N_TRANSFERS, RENDEZVOUS_PER_S, SHORT)
        time.sleep(3)
        took = {}
        for service in [*NODES, "control"]:
            start = time.monotonic()
            self.compose("restart", "-t", str(DRAIN + 15), service)
            self.compose.wait_ready()
            took[service] = round(time.monotonic() - start, 1)
            time.sleep(2)
        until(lambda: len(flow.took) + len(flow.failures) >= N_RENDEZVOUS,
              f"{N_RENDEZVOUS} rendezvous", 120)
        flow.stop()
        print(f"rolling restart {took}: {flow.summary()}", flush=True)
        self.assertEqual([(round(t.seconds, 1), t.error) for t in flow.lost],
                         [])
        self.assertLessEqual(len(flow.failures), 1, flow.failures)


class Ports(Deployed):
    """Without a balancer: each node has a port, and calls cross nodes."""

    file = PORTS

    def test_every_node_to_every_node(self):
        self.assertEqual(len(self.urls), len(NODES))
        for there in self.urls:
            exposed, = self.exposed(url=there)
            for here in self.urls:
                load.Talker(here.with_digest(exposed.digest)).close()


if __name__ == "__main__":
    case.main(own_network=False)
