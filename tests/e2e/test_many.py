"""A thousand pairs at one instant, each moving bytes of its own."""

import json
import os
import random

from harness import case, crowd, programs
from harness.programs import until

N_PAIRS = 1000
# Under sanitizers everything takes several times as long.
MAX_BYTES = (1 << 20) if programs.SANITIZED else (8 << 20)
MIN_BYTES = 64 << 10
PER_CLIENT = 50  # below the default of max_relays_per_client, 64
N_CLIENTS = N_PAIRS // PER_CLIENT
SECONDS = 120  # for what takes about 20 alone on two cores


class Many(crowd.CrowdCase):
    """Limits are the defaults, but for control streams: all clients are of
    one address here. Callers come from an address each."""

    def test_pairs_at_one_instant_move_bytes_and_end_each_in_its_manner(self):
        seed = int(os.environ.get("CARRICK_SEED", random.getrandbits(63)))
        print(f"CARRICK_SEED={seed}", flush=True)
        relay = self.relay(
            control=[f"max_control_streams_per_source={N_CLIENTS}"])
        run = self.crowd("pairs", relay, n=N_PAIRS, clients=N_CLIENTS,
                         seed=seed, min=MIN_BYTES, max=MAX_BYTES)
        self.assertEqual(run.line(), "ready")
        # A node's gauge counts the pairs that carry control streams as well.
        until(lambda: self.gauges(relay) == (N_PAIRS, N_PAIRS + N_CLIENTS),
              f"{N_PAIRS} pairs in the gauges of control and of the node")
        run.say("go")
        result = json.loads(run.line(SECONDS))
        self.assertEqual(run.wait(), 0, run.log())
        print(result, flush=True)
        self.check(relay, result)

    @staticmethod
    def gauges(relay):
        metrics = relay.metrics()
        return (metrics.sum("carrick_pairs_relayed"),
                metrics.sum("carrick_splice_pairs"))

    def check(self, relay, result):
        self.assertEqual(result["orderly"] + result["half_closed"] +
                         result["reset"], N_PAIRS)
        until(lambda: self.gauges(relay) == (0, 0), "no pair is left")
        metrics = relay.metrics()
        ended = {reason: metrics.sum("carrick_pairs_ended_total",
                                     reason=reason)
                 for reason in ("finished", "reset")}
        # How the pairs of the control streams end is not the matter here.
        self.assertEqual(sum(ended.values()), N_PAIRS + N_CLIENTS)
        self.assertGreaterEqual(ended["finished"], result["orderly"] +
                                result["half_closed"])
        self.assertGreaterEqual(ended["reset"], result["reset"])
        # What a reset cut off was moved as well, but never checked.
        self.assertGreaterEqual(metrics.sum("carrick_relayed_bytes_total"),
                                result["bytes"])


if __name__ == "__main__":
    case.main()
