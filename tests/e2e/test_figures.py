"""The page of figures that watchers of Syncthing's relays read: its sums."""

import http.client
import json

from harness import backend, case, load, programs
from harness.relay import free_port

N_TALKERS = 5
BLOCK = bytes(100000)


class Sums(case.Case):
    def setUp(self):
        super().setUp()
        self.address = f"127.0.0.1:{free_port()}"
        self.the_relay = self.relay(control=[
            "frontends=[tx3, syncthing]",
            f"syncthing_status_listen=[{self.address}]"])

    def n_bytes(self):
        connection = http.client.HTTPConnection(self.address,
                                                timeout=programs.PATIENCE)
        try:
            connection.request("GET", "/status")
            return json.loads(connection.getresponse().read())["bytesProxied"]
        finally:
            connection.close()

    def move(self):
        """Control streams, calls, and what these say; all are over then."""
        url = self.the_relay.url_at(self.the_relay.nodes[0])
        exposed = self.expose(url, self.backend().address, "--raw")
        for _ in range(N_TALKERS):
            talker = load.Talker(exposed.url)
            talker.talk(BLOCK)
            talker.sock.shutdown(1)
            self.assertEqual(backend.read_all(talker.sock), b"")
            talker.close()
        exposed.stop()

    def test_what_pairs_say_they_moved_is_what_the_nodes_did(self):
        """From a node's first byte to its last, and over its next start."""
        for _ in range(2):
            self.move()
            self.assertEqual(self.the_relay.nodes[0].stop(), 0)
            self.assertEqual(self.n_bytes(), self.the_relay.metrics().sum(
                "carrick_relayed_bytes_total"))
            self.the_relay.start_node(1)
            self.the_relay.wait_nodes()
        self.assertGreater(self.n_bytes(), 2 * N_TALKERS * len(BLOCK))


if __name__ == "__main__":
    case.main()
