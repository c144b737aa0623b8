"""Processes that speak nonsense on control's events socket, or in another's
name: dropped, counted, and nobody else is harmed."""

import os
import stat

from harness import backend, case, ipc
from harness.programs import until


class Nonsense(case.Case):
    def setUp(self):
        super().setUp()
        self.the_relay = self.relay()
        self.exposed = self.expose(self.the_relay.url, self.backend().address,
                                   "--raw")
        self.pusher = ipc.Pusher(ipc.events_path(self.the_relay.run_dir))
        self.addCleanup(self.pusher.close)

    def dropped(self, reason):
        return self.the_relay.metrics().sum("carrick_events_dropped_total",
                                            reason=reason)

    def wait_dropped(self, reason, n):
        until(lambda: self.dropped(reason) >= n, f"{n} dropped as {reason}")

    def assert_unharmed(self):
        with self.exposed.url.call(b"fine") as peer:
            self.assertEqual(backend.read_exactly(peer, 4), b"fine")
        self.assertEqual(self.the_relay.metrics().sum(
            "carrick_sessions_lost_total"), 0)
        self.assertTrue(self.the_relay.control.is_alive())
        self.assertTrue(self.the_relay.nodes[0].is_alive())

    def test_every_truncation_of_a_hello_and_of_an_open(self):
        before = self.dropped("malformed")
        n = 0
        for whole in (ipc.hello("n7", 7), ipc.conn_open(7, 8, 9, b"first")):
            for length in range(len(whole)):
                self.pusher.send(whole[:length])
                n += 1
        self.wait_dropped("malformed", before + n)
        self.assert_unharmed()

    def test_every_truncation_of_a_batch(self):
        first, second = ipc.conn_open(7, 8, 9, b"first"), b"\xee" * 20
        whole = ipc.batch(first, second)
        before = self.dropped("malformed")
        for length in range(len(whole)):
            self.pusher.send_raw(whole[:length])
        # The first alone is whole, and stale.
        self.wait_dropped("malformed", before + len(whole) - 1)
        self.wait_dropped("stale", 1)
        self.pusher.send_raw(whole)
        self.wait_dropped("stale", 2)
        self.wait_dropped("malformed", before + len(whole))
        self.assert_unharmed()

    def test_a_batch_of_too_many(self):
        before = self.dropped("malformed")
        self.pusher.send(*[ipc.conn_open(7, 8, 9, b"")] * 257)
        self.wait_dropped("malformed", before + 1)
        self.assertEqual(self.dropped("stale"), 0)
        self.pusher.send(*[ipc.conn_open(7, 8, 9, b"")] * 256)
        self.wait_dropped("stale", 256)
        self.assert_unharmed()

    def test_random_bytes(self):
        before = self.dropped("malformed")
        for length in range(0, 512, 7):
            self.pusher.send(b"\xee" + os.urandom(length))
        self.wait_dropped("malformed", before + 74)
        self.assert_unharmed()

    def test_a_frame_longer_than_any_message(self):
        self.pusher.send_frame(1, 1 << 40, b"x" * 100)
        self.assert_unharmed()

    def test_events_of_a_session_that_nobody_has(self):
        before = self.dropped("stale")
        self.pusher.send(ipc.conn_open(0x1234, 0x5678, 9, b"first"))
        self.pusher.send(ipc.header(ipc.NODE_BEAT, 0x1234, 0x5678) +
                         b"\0" * 23)
        self.wait_dropped("stale", before + 2)
        self.assert_unharmed()

    def test_hellos_in_another_nodes_name_change_nothing(self):
        for epoch in range(1, 50):
            self.pusher.send(ipc.hello("n1", epoch))
        self.assert_unharmed()
        self.assertEqual(self.the_relay.n_nodes(), 1)

    def test_hellos_in_the_names_of_many_are_bounded(self):
        for number in range(500):
            self.pusher.send(ipc.hello(f"ghost{number}", number + 1))
        self.pusher.send(b"")  # the last: when it counts, all were heard
        self.wait_dropped("malformed", 1)
        self.assertLessEqual(len(self.the_relay.status()["nodes"]), 64)
        self.assert_unharmed()

    def test_names_that_lead_out_of_the_folder_are_malformed(self):
        before = self.dropped("malformed")
        for name in ("../x", "a/b", "", "x" * 49, ".hidden"):
            self.pusher.send(ipc.hello(name, 1))
        self.wait_dropped("malformed", before + 5)
        self.assert_unharmed()

    def test_an_end_in_the_middle_of_a_frame(self):
        self.pusher.send_frame(1, 100, b"half")
        self.pusher.close()
        self.assert_unharmed()


class Leaving(case.Case):
    """nanomsg believes for ever in who ends just when it has greeted."""

    def test_a_control_that_ends_as_it_greets_is_not_waited_for(self):
        relay = self.relay()
        relay.control.kill()
        ipc.Leaver(ipc.events_path(relay.run_dir)).greet_and_leave()
        relay.start_control()
        relay.wait_nodes()

    def test_a_node_that_ends_as_it_greets_is_not_waited_for(self):
        relay = self.relay()
        leaver = ipc.Leaver(ipc.commands_path(relay.run_dir, "n2"))
        pusher = ipc.Pusher(ipc.events_path(relay.run_dir))
        self.addCleanup(pusher.close)
        pusher.send(ipc.hello("n2", 7))
        leaver.greet_and_leave()
        relay.start_node(2)
        relay.wait_nodes()


class Folder(case.Case):
    def test_its_sockets_are_for_the_group_alone(self):
        relay = self.relay()
        for name in os.listdir(relay.run_dir):
            mode = os.stat(os.path.join(relay.run_dir, name)).st_mode
            self.assertTrue(stat.S_ISSOCK(mode), name)
            self.assertEqual(mode & 0o007, 0, name)


if __name__ == "__main__":
    case.main()
