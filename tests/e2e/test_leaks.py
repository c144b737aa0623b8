"""Nothing is left of what is over: descriptors by kind and memory of both
daemons, after ten thousand rendezvous of which a third completes, a third is
abandoned by the caller and a third begins with bytes that are nobody's."""

import collections
import os
import re
import time

from harness import case, crowd, programs
from harness.programs import until

N_CLIENTS = 16
N_TURNS = 10000
N_PIPES_MAX = 48  # pipe_pool_bytes by pipe_bytes, both as the defaults are
# About 15 are seen. A leak of 26 bytes a rendezvous would pass these.
MORE_KIB = 256
BEAT_S = 1
SECONDS = 120  # for what takes 2 alone on two cores
# One host is all clients, and they do in a second what the defaults allow in
# a minute: limits of one source and of one client are out of the way.
LIMITS = [f"max_control_streams_per_source={N_CLIENTS}",
          "max_notices_per_s=100000", "max_notices_burst=65536"]


def descriptors(pid):
    """How many descriptors a process has of each kind."""
    kinds = collections.Counter()
    folder = f"/proc/{pid}/fd"
    for fd in os.listdir(folder):
        target = os.readlink(os.path.join(folder, fd))
        kinds[re.sub(r":\[\d+\]$", "", target)] += 1
    return kinds


def resident_kib(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+) kB", f.read())[1])


class Look:
    """What the daemons of a relay have at this moment."""

    def __init__(self, relay, metrics):
        self.n_pipes = metrics.sum("carrick_splice_pipes")
        self.n_calls = metrics.sum("carrick_calls_total")
        self.n_pairs = metrics.sum("carrick_splice_pairs_started_total")
        pids = {"control": relay.control.pid, "node": relay.nodes[0].pid}
        self.kinds = {who: descriptors(pid) for who, pid in pids.items()}
        self.kib = {who: resident_kib(pid) for who, pid in pids.items()}
        # Of the node's pipes those of the pool, two descriptors each, may be
        # more or fewer.
        self.kinds["node"]["pipe"] -= 2 * self.n_pipes


class Leaks(crowd.CrowdCase):
    def look(self, relay):
        """When nothing but control streams is there."""
        # A node's figures come with its heartbeats: two later they are of
        # now, and not of a quiet moment before.
        time.sleep(2 * BEAT_S)

        def quiet_metrics():
            metrics = relay.metrics()
            is_quiet = (
                metrics.sum("carrick_pairs_relayed") == 0 and
                metrics.sum("carrick_splice_pending") == 0 and
                metrics.sum("carrick_splice_pairs") == N_CLIENTS)
            return metrics if is_quiet else None
        metrics = until(quiet_metrics, "nothing but control streams")
        time.sleep(0.5)  # until the connection that asked for them is gone
        return Look(relay, metrics)

    def test_rendezvous_leave_nothing_behind(self):
        relay = self.relay(control=LIMITS)
        run = self.crowd("turns", relay, n=N_TURNS, clients=N_CLIENTS)
        self.assertEqual(run.line(SECONDS), "warm")
        before = self.look(relay)
        run.say("go")
        self.assertEqual(run.line(SECONDS), "done")
        after = self.look(relay)
        print({who: f"{before.kib[who]} KiB, then {after.kib[who]}"
               for who in before.kib}, flush=True)
        self.compare(before, after)
        run.say("go")
        self.assertEqual(run.wait(), 0, run.log())

    def compare(self, before, after):
        self.assertAlmostEqual(after.n_calls - before.n_calls,
                               2 * N_TURNS / 3, delta=2)
        self.assertGreaterEqual(after.n_pairs - before.n_pairs,
                                N_TURNS / 3 - 2)
        self.assertEqual(after.kinds, before.kinds)
        self.assertLessEqual(after.n_pipes, N_PIPES_MAX)
        if programs.SANITIZED:
            return  # they keep freed memory, and LeakSanitizer speaks itself
        for who, kib in after.kib.items():
            self.assertLess(kib - before.kib[who], MORE_KIB, who)


if __name__ == "__main__":
    case.main()
