/* Where devices are invited to. */
#include "control/syncthing_place.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/control/devices.h"

START_TEST(advertised_port_is_invited_to_unless_the_dialled_one_is_among_them)
{
	char *places[] = {strdup("relay.example:443"), strdup("[::1]:7443")};
	struct conf_list was = c->config.advertise;

	ck_assert_uint_eq(publish_port(c, 7443), 7443);
	c->config.advertise.items = (void **)places;
	c->config.advertise.n = 1;
	ck_assert_uint_eq(publish_port(c, 7443), 443);
	c->config.advertise.n = 2;
	ck_assert_uint_eq(publish_port(c, 7443), 7443);
	ck_assert_uint_eq(publish_port(c, 22), 443);
	c->config.advertise = was;
	free(places[0]);
	free(places[1]);
}
END_TEST

START_TEST(invitations_have_the_advertised_port)
{
	struct stream *server = joined(7), *client = device(8);
	struct conf_list was = c->config.advertise;
	char *places[] = {strdup("relay.example:443")};

	c->config.advertise.items = (void **)places;
	c->config.advertise.n = 1;
	ask(client, 7);
	ck_assert_uint_eq(told(client).u.invitation.port, 443);
	ck_assert_uint_eq(told(server).u.invitation.port, 443);
	c->config.advertise = was;
	free(places[0]);
}
END_TEST

static bool
place(const char *listener, const char *remote, struct addr *at)
{
	struct node node = {.n_listeners = 2};
	struct stream s = {.is_proxied = false};

	ck_assert_int_eq(addr_parse(&node.listeners[0], "0.0.0.0:7443"), 0);
	ck_assert_int_eq(addr_parse(&node.listeners[1], listener), 0);
	ck_assert_int_eq(addr_parse(&s.remote, remote), 0);
	if (!syncthing_place_at(at, &node, &s))
		return false;
	s.is_proxied = true;
	ck_assert(!syncthing_place_at(at, &node, &s));
	return true;
}

START_TEST(nodes_own_address_is_a_public_one_of_the_devices_family)
{
	struct addr at;
	char text[ADDR_TEXT_CAP];

	ck_assert(place("203.0.113.5:7444", "198.51.100.1:5", &at));
	ck_assert_str_eq(addr_format(&at, text), "203.0.113.5:7444");
	ck_assert(place("203.0.113.5:7444", "10.0.0.1:5", &at));
	ck_assert(place("[2001:db8::5]:7444", "[2001:db8:1::1]:5", &at));
	ck_assert(place("127.0.0.1:7444", "127.0.0.1:5", &at));
	ck_assert(!place("[2001:db8::5]:7444", "198.51.100.1:5", &at));
	ck_assert(!place("203.0.113.5:7444", "[2001:db8::1]:5", &at));
	ck_assert(!place("10.0.0.5:7444", "10.0.0.1:5", &at));
	ck_assert(!place("169.254.0.5:7444", "169.254.0.1:5", &at));
	ck_assert(!place("127.0.0.1:7444", "198.51.100.1:5", &at));
	ck_assert(!place("[::]:7444", "[2001:db8::1]:5", &at));
	ck_assert(!place("203.0.113.5:0", "198.51.100.1:5", &at));
}
END_TEST

/* What that stream is told next is an invitation to a.b.c.d:port; NULL: to
 * where the device reached the relay. */
static void
invited_to(const struct stream *s, const char *place)
{
	struct syncthing_msg m = told(s);
	struct addr want;

	ck_assert_int_eq(m.type, SYNCTHING_SESSION_INVITATION);
	if (place == NULL) {
		ck_assert_uint_eq(m.u.invitation.address.len, 0);
		return;
	}
	ck_assert_int_eq(addr_parse(&want, place), 0);
	ck_assert_uint_eq(m.u.invitation.address.len, 4);
	ck_assert_mem_eq(m.u.invitation.address.p, want.ip + 12, 4);
	ck_assert_uint_eq(m.u.invitation.port, want.port);
}

static struct node *
listening_at(const struct fake_node *n, const char *place)
{
	struct node *node = node_of(n);

	ck_assert_int_eq(addr_parse(&node->listeners[0], place), 0);
	return node;
}

START_TEST(one_node_is_where_the_device_reached_the_relay)
{
	struct stream *server = joined(7), *client = device(8);

	(void)listening_at(&a, "203.0.113.5:7444");
	ask(client, 7);
	invited_to(client, NULL);
	invited_to(server, NULL);
}
END_TEST

START_TEST(of_several_nodes_both_come_to_the_askers)
{
	struct stream *server = joined(7), *client = device(8);
	struct node *node = listening_at(&a, "203.0.113.5:7444");

	fake_ready(c, &b);
	ask(client, 7);
	invited_to(client, "203.0.113.5:7444");
	invited_to(server, "203.0.113.5:7444");
	client = device(9);
	node->drains = true;
	ask(client, 7);
	invited_to(client, NULL);
	node->drains = false;
}
END_TEST

START_TEST(who_is_invited_again_comes_to_where_the_other_is)
{
	struct stream *server = joined(7), *client = device(8);
	struct syncthing_msg m = {.type = SYNCTHING_JOIN_SESSION_REQUEST};
	uint8_t buf[SYNCTHING_MSG_MAX];
	size_t len;

	fake_ready(c, &b);
	(void)listening_at(&a, "203.0.113.5:7444");
	(void)listening_at(&b, "203.0.113.6:7446");
	ask(client, 7);
	m.u.key = told(client).u.invitation.key;
	len = syncthing_encode(&m, buf, sizeof buf);
	fake_show(c, &b, 1, 1, buf, len, 0);
	(void)fake_command(IPC_CONN_HOLD);
	stream_end(server, STREAM_END_DRAINED);
	server = joined(7);
	invited_to(server, "203.0.113.6:7446");
}
END_TEST

int
main(void)
{
	TCase *t = world_case("syncthing_place", devices_set_up);

	tcase_add_test(t,
	    advertised_port_is_invited_to_unless_the_dialled_one_is_among_them);
	tcase_add_test(t, invitations_have_the_advertised_port);
	tcase_add_test(
	    t, nodes_own_address_is_a_public_one_of_the_devices_family);
	tcase_add_test(t, one_node_is_where_the_device_reached_the_relay);
	tcase_add_test(t, of_several_nodes_both_come_to_the_askers);
	tcase_add_test(t, who_is_invited_again_comes_to_where_the_other_is);
	return suite_run("syncthing_place", (TCase *[]){t, NULL});
}
