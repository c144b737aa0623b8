"""Syncthing's relay protocol: devices that join, ask for each other and meet;
beside tx3, on the same port."""

import contextlib
import os
import socket
import ssl
import time
import unittest

from harness import backend, case, programs, syncthing
from harness.backend import read_exactly
from harness.programs import until
from harness.syncthing import (ALREADY_CONNECTED, NOT_FOUND, SUCCESS,
                               UNEXPECTED, WELCOME, WRONG_TOKEN, ask, bring,
                               ended)

FRONTENDS = "frontends=[tx3, syncthing]"


class SyncthingCase(case.Case):
    def relay_with(self, *control, **options):
        relay = self.relay(control=[FRONTENDS, *control], **options)
        relay.syncthing = syncthing.Url(relay.control.line_with("relay://"))
        return relay

    def device(self, key="p256"):
        return syncthing.Device(self.fresh_path("device"), key)

    def stream(self, relay, device=None, **options):
        stream = syncthing.Stream(relay.syncthing, device, **options)
        self.addCleanup(stream.close)
        return stream

    def joined(self, relay, device=None):
        """A device that has joined; its .device is who it is."""
        device = device or self.device()
        stream = self.stream(relay, device)
        self.assertEqual(stream.join(), SUCCESS)
        stream.device = device
        return stream

    def bring(self, relay, key, early=b""):
        sock = bring(relay.syncthing, key, early)
        self.addCleanup(sock.close)
        return sock

    def session(self, relay, server, client):
        """Both ends of a session: the joined device's, the asker's."""
        asked = ask(relay.syncthing, client, server.device.digest)
        invited = server.invitation()
        self.assertTrue(invited.server_socket)
        self.assertFalse(asked.server_socket)
        self.assertEqual(invited.sender, client.digest)
        self.assertEqual(asked.sender, server.device.digest)
        self.assertNotEqual(invited.key, asked.key)
        return self.bring(relay, invited.key), self.bring(relay, asked.key)

    def exchange(self, one, other):
        for here, there in ((one, other), (other, one)):
            data = os.urandom(100000)
            here.sendall(data)
            self.assertEqual(read_exactly(there, len(data)), data)


class Sessions(SyncthingCase):
    def test_two_devices_meet_beside_a_tx3_pair_on_the_same_port(self):
        relay = self.relay_with()
        self.assertEqual(relay.syncthing.port, relay.url.port)
        exposed = self.expose(relay.url, self.backend().address, "--raw")
        with exposed.url.call() as peer:
            peer.sendall(b"through tx3")
            self.assertEqual(read_exactly(peer, 11), b"through tx3")
            server = self.joined(relay)
            self.exchange(*self.session(relay, server, self.device()))
            peer.sendall(b"still")
            self.assertEqual(read_exactly(peer, 5), b"still")

    def test_invitations_send_devices_to_where_they_reached_the_relay(self):
        relay = self.relay_with()
        server, client = self.joined(relay), self.device()
        asked = ask(relay.syncthing, client, server.device.digest)
        for invitation in (asked, server.invitation()):
            self.assertEqual(invitation.address, b"")
            self.assertEqual(invitation.port, relay.syncthing.port)

    def test_the_advertised_port_is_invited_to(self):
        relay = self.relay_with("advertise=[\"relay.example:4433\"]",
                                listen=("127.0.0.1:0",))
        relay.syncthing.host = "127.0.0.1"
        relay.syncthing.port = relay.url_at(relay.nodes[0]).port
        server, client = self.joined(relay), self.device()
        asked = ask(relay.syncthing, client, server.device.digest)
        self.assertEqual(asked.port, 4433)

    def test_the_first_is_let_in_at_once_and_early_bytes_are_kept(self):
        relay = self.relay_with()
        server, client = self.joined(relay), self.device()
        asked = ask(relay.syncthing, client, server.device.digest)
        early = os.urandom(50000)
        dialled = self.bring(relay, asked.key, early)
        accepted = self.bring(relay, server.invitation().key)
        self.assertEqual(read_exactly(accepted, len(early)), early)
        self.exchange(dialled, accepted)

    def test_the_second_is_let_in_before_any_byte_of_the_first(self):
        relay = self.relay_with()
        server, client = self.joined(relay), self.device()
        for _ in range(50):
            asked = ask(relay.syncthing, client, server.device.digest)
            self.bring(relay, asked.key, b"e" * 1000)
            # bring() demands the answer first.
            accepted = self.bring(relay, server.invitation().key)
            self.assertEqual(read_exactly(accepted, 1000), b"e" * 1000)

    def test_half_close_passes_on_at_once_and_the_answer_still_comes(self):
        relay = self.relay_with()
        accepted, dialled = self.session(relay, self.joined(relay),
                                         self.device())
        dialled.sendall(b"that is all")
        dialled.shutdown(socket.SHUT_WR)
        start = time.monotonic()
        self.assertEqual(read_exactly(accepted, 11), b"that is all")
        self.assertEqual(accepted.recv(1), b"")
        self.assertLess(time.monotonic() - start, programs.PATIENCE / 4)
        accepted.sendall(b"answer")
        self.assertEqual(read_exactly(dialled, 6), b"answer")
        accepted.close()
        self.assertTrue(ended(dialled))

    def test_who_has_said_all_before_the_other_came_is_still_heard(self):
        relay = self.relay_with()
        server, client = self.joined(relay), self.device()
        asked = ask(relay.syncthing, client, server.device.digest)
        dialled = self.bring(relay, asked.key, b"that is all")
        dialled.shutdown(socket.SHUT_WR)
        time.sleep(0.2)
        accepted = self.bring(relay, server.invitation().key)
        self.assertEqual(read_exactly(accepted, 11), b"that is all")
        self.assertEqual(accepted.recv(1), b"")
        accepted.sendall(b"answer")
        self.assertEqual(read_exactly(dialled, 6), b"answer")

    def test_a_device_may_ask_for_itself(self):
        relay = self.relay_with()
        server = self.joined(relay)
        self.exchange(*self.session(relay, server, server.device))

    def test_a_session_outlives_its_devices_streams_and_control(self):
        relay = self.relay_with()
        server = self.joined(relay)
        accepted, dialled = self.session(relay, server, self.device())
        server.close()
        relay.wait_metric("carrick_streams_ended_total", 1, reason="closed")
        self.exchange(accepted, dialled)
        relay.control.kill()
        self.exchange(accepted, dialled)
        relay.start_control()
        start = time.monotonic()
        self.joined(relay, server.device)
        self.assertLess(time.monotonic() - start, programs.PATIENCE / 4)
        self.exchange(accepted, dialled)

    def test_control_may_end_while_a_session_waits_for_a_drained_device(self):
        relay = self.relay_with()
        server, client = self.joined(relay), self.device()
        ask(relay.syncthing, client, server.device.digest)
        self.assertEqual(relay.nodes[0].stop(), 0)
        relay.control.wait_logged("stream-ended", "reason=drained")
        self.assertEqual(relay.control.stop(), 0)

    def test_whoever_asks_while_devices_come_back_waits_for_them(self):
        relay = self.relay_with()
        server, client = self.joined(relay), self.device()
        relay.control.kill()
        server.close()
        relay.start_control()
        relay.wait_nodes()
        asker = self.stream(relay, client)
        asker.send(syncthing.message(syncthing.CONNECT, syncthing.opaque(
            server.device.digest)))
        time.sleep(0.3)
        back = self.joined(relay, server.device)
        self.assertEqual(asker.invitation().sender, server.device.digest)
        self.assertEqual(back.invitation().sender, client.digest)


class Keys(SyncthingCase):
    def invited(self):
        relay = self.relay_with()
        server, client = self.joined(relay), self.device()
        asked = ask(relay.syncthing, client, server.device.digest)
        return relay, asked.key, server.invitation().key

    def refused(self, relay, say, code=NOT_FOUND):
        with relay.syncthing.connect(say) as sock:
            self.assertEqual(
                syncthing.code_of(syncthing.read_message(sock)), code)
            self.assertTrue(ended(sock))

    def test_each_is_good_once(self):
        relay, asked, invited = self.invited()
        self.bring(relay, asked)
        self.refused(relay, syncthing.join_session(asked))
        self.bring(relay, invited)
        self.refused(relay, syncthing.join_session(invited))

    def test_unknown_ones_are_answered_and_closed(self):
        relay = self.relay_with()
        for key in (os.urandom(32), bytes(32), b"", b"short"):
            self.refused(relay, syncthing.join_session(key))

    def test_a_partner_who_does_not_come_is_not_waited_for_for_ever(self):
        relay = self.relay_with("connection_timeout_ms=500")
        server, client = self.joined(relay), self.device()
        asked = ask(relay.syncthing, client, server.device.digest)
        dialled = self.bring(relay, asked.key)
        self.assertTrue(ended(dialled))
        self.refused(relay, syncthing.join_session(server.invitation().key))

    def test_bad_session_bytes_are_answered_and_closed(self):
        relay = self.relay_with()
        self.refused(relay, syncthing.message(syncthing.PING), UNEXPECTED)
        self.refused(relay, syncthing.join_relay(), UNEXPECTED)
        self.refused(relay, syncthing.message(99))
        self.refused(relay, bytes.fromhex("9e79bc40 00000003 00000401"))
        self.refused(relay, syncthing.message(
            syncthing.JOIN_SESSION, syncthing.opaque(bytes(33))))

    def test_a_key_is_no_token_of_tx3s(self):
        relay, asked, _ = self.invited()
        with relay.url.connect(asked) as sock:
            self.assertTrue(ended(sock))
        self.bring(relay, asked)


class Joining(SyncthingCase):
    def test_every_kind_of_key_and_both_versions_of_tls(self):
        relay = self.relay_with("max_control_streams_per_source=64")
        for key in syncthing.KEYS:
            for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
                device = self.device(key)
                stream = self.stream(relay, device, ctx=syncthing.context(
                    device, version=version))
                self.assertEqual(stream.sock.version(),
                                 version.name.replace("v1_", "v1."))
                self.assertEqual(stream.sock.selected_alpn_protocol(),
                                 syncthing.ALPN)
                self.assertEqual(stream.join(), SUCCESS, key)

    def test_the_relay_shows_the_certificate_of_its_id(self):
        relay = self.relay_with()
        stream = self.stream(relay, self.device())
        der = stream.sock.getpeercert(binary_form=True)
        digest = syncthing.hashlib.sha256(der).digest()
        self.assertEqual(syncthing.device_id(digest), relay.syncthing.id)

    def test_the_message_of_older_devices_will_do(self):
        stream = self.stream(self.relay_with(), self.device())
        stream.send(syncthing.message(syncthing.JOIN_RELAY))
        self.assertEqual(syncthing.code_of(stream.read()), SUCCESS)

    def test_a_message_in_pieces_and_two_in_one(self):
        stream = self.stream(self.relay_with(), self.device())
        for byte in syncthing.message(syncthing.PING):
            stream.send(bytes([byte]))
        self.assertEqual(stream.read(), (syncthing.PONG, b""))
        stream.send(syncthing.message(syncthing.PING) +
                    syncthing.join_relay())
        self.assertEqual(stream.read(), (syncthing.PONG, b""))
        self.assertEqual(syncthing.code_of(stream.read()), SUCCESS)

    def test_a_hello_as_long_as_newer_devices_send_it_in_segments(self):
        relay = self.relay_with()
        ctx = syncthing.context(self.device(), alpn=(
            syncthing.ALPN, *(f"{i:0200}" for i in range(10))))
        answer, hello = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = ctx.wrap_bio(answer, hello)
        with self.assertRaises(ssl.SSLWantReadError):
            tls.do_handshake()
        hello = hello.read()
        self.assertGreater(len(hello), 2000)
        with relay.syncthing.connect(hello[:400]) as sock:
            for part in (hello[400:1400], hello[1400:]):
                time.sleep(0.05)
                sock.sendall(part)
            while tls.version() is None:
                answer.write(sock.recv(1 << 16))
                with contextlib.suppress(ssl.SSLWantReadError):
                    tls.do_handshake()
        self.assertEqual(tls.selected_alpn_protocol(), syncthing.ALPN)

    def test_without_the_name_it_is_not_this_protocol(self):
        relay = self.relay_with()
        for alpn in ((), ("h2",)):
            with self.assertRaises((ssl.SSLError, OSError)):
                self.stream(relay, ctx=syncthing.context(
                    self.device(), alpn=alpn))

    def refused_in_handshake(self, relay, ctx):
        with self.assertRaises((ssl.SSLError, OSError)):
            stream = self.stream(relay, ctx=ctx)
            stream.send(syncthing.join_relay())
            self.assertIsNone(stream.read())
            raise OSError("ended")

    def test_a_certificate_is_wanted_and_one_alone(self):
        relay = self.relay_with()
        self.refused_in_handshake(relay, syncthing.context())
        device, other = self.device(), self.device()
        with open(device.path, "a", encoding="ascii") as f, \
                open(other.path + ".crt", encoding="ascii") as more:
            f.write(more.read())
        self.refused_in_handshake(relay, syncthing.context(device))

    def test_other_messages_are_unexpected(self):
        relay = self.relay_with()
        for say in (syncthing.join_session(bytes(32)), WELCOME,
                    syncthing.message(syncthing.FULL)):
            stream = self.stream(relay, self.device())
            stream.send(say)
            self.assertEqual(syncthing.code_of(stream.read()), UNEXPECTED)
            self.assertTrue(stream.is_ended())

    def test_what_is_no_message_ends_the_stream(self):
        relay = self.relay_with()
        for say in (b"GET / HTTP/1.0\r\n\r\n", syncthing.message(8),
                    bytes.fromhex("9e79bc40 00000002 00000401")):
            stream = self.stream(relay, self.device())
            stream.send(say)
            self.assertTrue(stream.is_ended())

    def test_who_does_not_join_in_time_is_let_go(self):
        relay = self.relay_with("handshake_timeout_ms=500")
        stream = self.stream(relay, self.device())
        stream.send(syncthing.message(syncthing.PING))
        self.assertEqual(stream.read(), (syncthing.PONG, b""))
        self.assertTrue(stream.is_ended())

    def test_who_is_not_there_is_not_found(self):
        relay = self.relay_with()
        device = self.device()
        for wanted in (os.urandom(32), device.digest, b"", b"short"):
            self.assertEqual(ask(relay.syncthing, device, wanted), NOT_FOUND)

    def test_a_full_relay_says_so(self):
        relay = self.relay_with("max_control_streams=1")
        self.joined(relay)
        stream = self.stream(relay, self.device())
        stream.send(syncthing.join_relay())
        self.assertEqual(stream.read(), (syncthing.FULL, b""))
        self.assertTrue(stream.is_ended())
        relay.wait_metric("carrick_streams_ended_total", 1, reason="full")

    def test_on_a_full_relay_devices_still_meet(self):
        relay = self.relay_with("max_control_streams=1")
        server = self.joined(relay)
        self.exchange(*self.session(relay, server, self.device()))

    def test_silent_strangers_keep_nobody_waiting(self):
        relay = self.relay_with()
        for _ in range(20):
            self.addCleanup(relay.syncthing.connect().close)
        start = time.monotonic()
        self.joined(relay)
        self.assertLess(time.monotonic() - start, programs.PATIENCE / 4)

    def test_devices_are_called_by_their_ids(self):
        relay = self.relay_with()
        server = self.joined(relay)
        until(lambda: any(c["digest"] == server.device.id
                          for c in relay.status()["clients"]), "its ID")
        relay.control.wait_logged("client-registered", server.device.id)
        identities = {i["frontend"]: i for i in relay.status()["identities"]}
        self.assertEqual(identities["syncthing"]["digest"],
                         relay.syncthing.id)
        self.assertIn(relay.syncthing.id, identities["syncthing"]["urls"][0])


class Tokens(SyncthingCase):
    def token_file(self, text, mode=0o600):
        path = self.fresh_path("token")
        with open(path, "w", encoding="ascii") as f:
            f.write(text)
        os.chmod(path, mode)
        return path

    def test_who_has_not_the_token_does_not_join(self):
        path = self.token_file("mySecretToken\n")
        relay = self.relay_with(f"syncthing_token_file={path}")
        for token in (b"", b"mySecretToke", b"mySecretToken2",
                      b"mySecretToken\n"):
            stream = self.stream(relay, self.device())
            self.assertEqual(stream.join(token), WRONG_TOKEN)
            self.assertTrue(stream.is_ended())
        stream = self.stream(relay, self.device())
        self.assertEqual(stream.join(b"mySecretToken"), SUCCESS)
        self.assertNotIn("mySecretToken", relay.control.log())

    def test_without_one_any_token_will_do(self):
        relay = self.relay_with()
        stream = self.stream(relay, self.device())
        self.assertEqual(stream.join(b"whatever"), SUCCESS)


class Duplicates(SyncthingCase):
    def test_one_that_answers_stays(self):
        relay = self.relay_with()
        first = self.joined(relay)
        second = self.stream(relay, first.device)
        second.send(syncthing.join_relay())
        self.assertEqual(first.read(), (syncthing.PING, b""))
        first.send(syncthing.message(syncthing.PONG))
        self.assertEqual(syncthing.code_of(second.read()), ALREADY_CONNECTED)
        self.assertTrue(second.is_ended())
        self.exchange(*self.session(relay, first, self.device()))

    def test_one_that_goes_meanwhile_leaves_its_place_at_once(self):
        relay = self.relay_with()
        first = self.joined(relay)
        second = self.stream(relay, first.device)
        second.send(syncthing.join_relay())
        self.assertEqual(first.read(), (syncthing.PING, b""))
        first.close()
        self.assertEqual(syncthing.code_of(second.read()), SUCCESS)

    def test_one_that_is_too_busy_to_answer_stays(self):
        relay = self.relay_with()
        first = self.joined(relay)  # its TCP acknowledges, and it says nothing
        second = self.stream(relay, first.device)
        start = time.monotonic()
        self.assertEqual(second.join(), ALREADY_CONNECTED)
        self.assertGreater(time.monotonic() - start, 1.9)
        self.assertTrue(second.is_ended())
        self.assertEqual(first.read(), (syncthing.PING, b""))
        self.exchange(*self.session(relay, first, self.device()))

    def test_a_third_is_turned_away_at_once(self):
        relay = self.relay_with()
        first = self.joined(relay)
        second = self.stream(relay, first.device)
        second.send(syncthing.join_relay())
        self.assertEqual(first.read(), (syncthing.PING, b""))
        third = self.stream(relay, first.device)
        self.assertEqual(third.join(), ALREADY_CONNECTED)
        self.assertTrue(third.is_ended())

    @unittest.skipUnless(programs.IS_ROOT, "not root: no network namespaces")
    def test_one_that_is_gone_without_a_word_is_replaced_soon(self):
        wire = self.hosts("node", "home", "train")
        relay = self.relay_with(at={"splice1": wire["node"]})
        with wire["home"].entered():
            first = self.joined(relay)
        wire.cut("node", "home")
        time.sleep(0.5)
        start = time.monotonic()
        with wire["train"].entered():
            second = self.joined(relay, first.device)
        # Two seconds of waiting and the node's word; the rest is this machine.
        self.assertLess(time.monotonic() - start,
                        2.5 if not programs.SANITIZED else 5)
        relay.wait_metric("carrick_streams_ended_total", 1, reason="replaced")
        with wire["train"].entered():
            self.exchange(*self.session(relay, second, self.device()))


class SeveralNodes(SyncthingCase):
    def test_both_are_invited_to_the_address_of_the_askers_node(self):
        relay = self.relay_with(nodes=2)
        server, client = self.joined(relay), self.device()
        other = syncthing.Url(str(relay.syncthing))
        other.port = relay.url_at(relay.nodes[1]).port
        asked = ask(other, client, server.device.digest)
        invited = server.invitation()
        for invitation in (asked, invited):
            self.assertEqual(invitation.address,
                             socket.inet_aton("127.0.0.1"))
            self.assertEqual(invitation.port, other.port)
        one, two = (bring(other, key) for key in (asked.key, invited.key))
        self.addCleanup(one.close)
        self.addCleanup(two.close)
        self.exchange(one, two)

    def test_a_session_of_two_nodes_is_joined(self):
        relay = self.relay_with(nodes=2, siblings=2)
        places = []
        for node in relay.nodes:
            place = syncthing.Url(str(relay.syncthing))
            place.port = relay.url_at(node).port
            places.append(place)
        device, client = self.device(), self.device()
        server = syncthing.Stream(places[0], device)
        self.addCleanup(server.close)
        self.assertEqual(server.join(), SUCCESS)
        for swap in (False, True):
            asked = ask(places[1], client, device.digest)
            invited = server.invitation()
            ends = [(places[1], asked.key), (places[0], invited.key)]
            socks = {}
            for place, key in (reversed(ends) if swap else ends):
                socks[place.port] = bring(place, key, b"early")
                self.addCleanup(socks[place.port].close)
            one, other = (socks[place.port] for place in places)
            self.assertEqual(read_exactly(one, 5), b"early")
            self.assertEqual(read_exactly(other, 5), b"early")
            self.exchange(one, other)


if __name__ == "__main__":
    case.main()
