"""Two of Debian's syncthing through our relay, where nothing else is: no
interface but lo, and no listener but their own pages."""

import os
import random
import time

import devices
from harness import programs
from harness.programs import until

N_FILES = 2000
N_LARGE = 200 << 20
N_MOVES = 240  # s, for all of that
REJOIN_WITHIN = 3  # s; it takes much less on a machine that is idle


class Syncthing(devices.Interop):
    def test_two_thousand_files_and_a_large_one(self):
        relay = self.serve()
        a, b = self.pair(relay.syncthing)
        self.assert_relayed(a, b)
        rng = random.Random(7)
        for number in range(N_FILES):
            a.write(f"many/{number % 40}/{number}",
                    rng.randbytes(rng.randrange(20000)))
        a.write("large", rng.randbytes(N_LARGE))
        before = relay.metrics().sum("carrick_splice_bytes_spliced_total")
        start = time.monotonic()
        a.scan()
        want = a.checksums()
        until(lambda: len(os.listdir(b.folder)) > 1 and
              b.checksums() == want, "all files at b", N_MOVES)
        took = time.monotonic() - start
        relay.wait_metric("carrick_splice_bytes_spliced_total",
                          before + N_LARGE)
        self.assert_relayed(a, b)
        print(f"{len(want)} files, {N_LARGE >> 20} MiB in one: {took:.1f} s",
              flush=True)

    def test_a_session_outlives_control(self):
        relay = self.serve()
        a, b = self.pair(relay.syncthing)
        self.sync(a, b, "before", b"1" * 100000)
        began = a.connection()["startedAt"]
        relay.control.kill()
        self.sync(a, b, "without", b"2" * 100000)
        start = time.monotonic()
        relay.start_control()
        until(lambda: self.n_joined(relay) == 2, "both are back", 90)
        print(f"back {time.monotonic() - start:.2f} s after control",
              flush=True)
        self.sync(b, a, "after", b"3" * 100000)
        self.assertEqual(a.connection()["startedAt"], began)

    def test_devices_are_back_as_soon_as_control_is(self):
        relay = self.serve()
        a, b = self.pair(relay.syncthing)
        began = a.connection()["startedAt"]
        relay.control.kill()
        relay.start_control()
        start = time.monotonic()
        until(lambda: self.n_joined(relay) == 2, "both are back",
              REJOIN_WITHIN)
        print(f"back {time.monotonic() - start:.2f} s after control",
              flush=True)
        self.sync(a, b, "after", b"5" * 100000)
        self.assertEqual(a.connection()["startedAt"], began)

    @staticmethod
    def n_joined(relay):
        return sum(client["frontend"] == "syncthing" and
                   client["registered"]
                   for client in relay.status()["clients"])

    def test_over_three_nodes(self):
        relay = self.serve(nodes=3, siblings=3)
        a, b = self.pair(self.url_at(relay, 0), self.url_at(relay, 1))
        self.assert_relayed(a, b)
        self.sync(a, b, "there", os.urandom(1 << 20))
        self.sync(b, a, "and back", os.urandom(1 << 20))

    def test_a_killed_device_is_noticed_at_once(self):
        relay = self.serve()
        a, b = self.pair(relay.syncthing)
        start = time.monotonic()
        a.process.kill()
        until(lambda: not b.is_connected(), "b sees it", 10)
        took = time.monotonic() - start
        self.assertLess(took, 2)
        print(f"noticed after {took:.2f} s", flush=True)

    def test_another_relays_id_is_refused(self):
        relay = self.serve()
        other = devices.Device(self, "other")
        url = relay.syncthing.partition("id=")[0] + f"id={other.id}"
        a, b = devices.Device(self, "a"), devices.Device(self, "b")
        a.configure(url, b)
        a.start()
        until(lambda: "relay id does not match" in (a.listener_error() or ""),
              "a refuses that relay", 60)

    def test_beside_a_tx3_pair_on_the_same_port(self):
        relay = self.serve()
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        a, b = self.pair(relay.syncthing)
        with exposed.url.call(b"hello") as peer:
            peer.settimeout(programs.PATIENCE)
            self.assertEqual(peer.recv(5), b"hello")
            self.sync(a, b, "beside", b"4" * 100000)
            peer.sendall(b"again")
            self.assertEqual(peer.recv(5), b"again")


if __name__ == "__main__":
    devices.case.main()
