#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "control/syncthing_status.h"
#include "tests/unit/control/devices.h"

static void
set_up(void)
{
	devices_set_up();
	ck_assert_int_eq(traffic_init(c), 0);
}

static void
tear_down(void)
{
	traffic_fini(c);
	world_end();
}

static void
beat(uint64_t spliced, uint64_t copied)
{
	struct ipc_msg m = {.type = IPC_NODE_BEAT};

	m.u.node_beat.n_figures = FIGURE_WIRE_COUNT;
	m.u.node_beat.figures[FIGURE_BYTES_SPLICED] = spliced;
	m.u.node_beat.figures[FIGURE_BYTES_COPIED] = copied;
	fake_send(c, &a, m);
}

static json_int_t
figure(const char *name)
{
	json_t *page = syncthing_status_new(c, 0);
	json_t *value = json_object_get(page, name);
	json_int_t v;

	ck_assert_msg(json_is_integer(value), "%s", name);
	v = json_integer_value(value);
	json_decref(page);
	return v;
}

static json_int_t
kbps(size_t i)
{
	json_t *page = syncthing_status_new(c, 0);
	json_t *list = json_object_get(page, "kbps10s1m5m15m30m60m");
	json_int_t v;

	ck_assert_uint_eq(json_array_size(list), 6);
	v = json_integer_value(json_array_get(list, i));
	json_decref(page);
	return v;
}

/* Its clock starts at some ms; a whole number of samples is what counts. */
static void
advance_samples(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		fake_advance(c, TRAFFIC_SAMPLE_MS);
}

START_TEST(all_names_are_there_with_their_types)
{
	static const char *const NUMBERS[] = {"uptimeSeconds",
	    "numPendingSessionKeys", "numActiveSessions", "numConnections",
	    "numProxies", "bytesProxied"};
	static const char *const OPTIONS[] = {"network-timeout",
	    "ping-interval", "message-timeout", "per-session-rate",
	    "global-rate"};
	json_t *page, *options;

	ck_assert_int_eq(setenv("TZ", "ABC-3", 1), 0);
	page = syncthing_status_new(c, 86399);

	for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++)
		ck_assert_int_eq(
		    json_integer_value(json_object_get(page, NUMBERS[i])), 0);
	options = json_object_get(page, "options");
	for (size_t i = 0; i < sizeof OPTIONS / sizeof OPTIONS[0]; i++)
		ck_assert(
		    json_is_integer(json_object_get(options, OPTIONS[i])));
	ck_assert_str_eq(
	    json_string_value(json_object_get(options, "provided-by")), "");
	ck_assert_str_eq(json_string_value(json_array_get(
			     json_object_get(options, "pools"), 0)),
	    "");
	ck_assert_str_eq(json_string_value(json_object_get(page, "startTime")),
	    "1970-01-01T23:59:59Z");
	ck_assert_str_eq(json_string_value(json_object_get(page, "version")),
	    "v" CARRICK_VERSION "-carrick");
	json_decref(page);
}
END_TEST

START_TEST(uptime_is_since_the_start)
{
	fake_advance(c, 999);
	ck_assert_int_eq(figure("uptimeSeconds"), 0);
	fake_advance(c, 1);
	ck_assert_int_eq(figure("uptimeSeconds"), 1);
}
END_TEST

static void
check_figures(json_int_t connections, json_int_t keys, json_int_t sessions)
{
	ck_assert_int_eq(figure("numConnections"), connections);
	ck_assert_int_eq(figure("numPendingSessionKeys"), keys);
	ck_assert_int_eq(figure("numActiveSessions"), sessions);
	ck_assert_int_eq(figure("numProxies"), 2 * sessions);
}

START_TEST(clients_of_other_protocols_are_not_counted)
{
	uint8_t tag[IPC_TAG_LEN];

	(void)fake_client(c, &a, 7);
	make_pair(tag, 100, 7);
	fake_open(c, &a, 1, 1, fake_digest(7));
	check_figures(0, 0, 0);
}
END_TEST

static void
bring(uint64_t conn, const struct stream *invited)
{
	struct syncthing_msg m = {.type = SYNCTHING_JOIN_SESSION_REQUEST};
	uint8_t buf[SYNCTHING_MSG_MAX];
	size_t len;

	m.u.key = told(invited).u.invitation.key;
	len = syncthing_encode(&m, buf, sizeof buf);
	fake_show(c, &a, conn, 1, buf, len, 0);
}

START_TEST(session_is_two_keys_and_then_two_proxies)
{
	struct stream *server = joined(7), *client = device(8);

	check_figures(2, 0, 0);
	ask(client, 7);
	check_figures(1, 2, 0);
	bring(1, client);
	check_figures(1, 1, 0);
	bring(2, server);
	check_figures(1, 0, 1);
	stream_end(server, STREAM_END_CLOSED);
	check_figures(0, 0, 1);
}
END_TEST

static json_int_t
option(const char *name)
{
	json_t *page = syncthing_status_new(c, 0);
	json_int_t v = json_integer_value(
	    json_object_get(json_object_get(page, "options"), name));

	json_decref(page);
	return v;
}

START_TEST(options_are_what_is_configured_in_strelaysrvs_units)
{
	c->config.connection_timeout_ms = 20000;
	c->config.max_bytes_per_s_per_pair = 5;
	c->config.max_bytes_per_s = 7;
	ck_assert_int_eq(option("network-timeout"), 120);
	ck_assert_int_eq(option("ping-interval"), 60);
	ck_assert_int_eq(option("message-timeout"), 20);
	ck_assert_int_eq(option("per-session-rate"), 5);
	ck_assert_int_eq(option("global-rate"), 7);
}
END_TEST

START_TEST(bytes_are_those_since_the_first_beat)
{
	beat(1000000, 5);
	ck_assert_int_eq(figure("bytesProxied"), 0);
	beat(1000100, 7);
	ck_assert_int_eq(figure("bytesProxied"), 102);
	beat(1000100, 7);
	ck_assert_int_eq(figure("bytesProxied"), 102);
}
END_TEST

START_TEST(a_node_that_begins_anew_takes_nothing_back)
{
	beat(1000, 0);
	beat(3000, 0);
	a.epoch = 0xa2;
	fake_ready(c, &a);
	beat(10, 0);
	ck_assert_int_eq(figure("bytesProxied"), 2000);
	beat(30, 0);
	ck_assert_int_eq(figure("bytesProxied"), 2020);
	/* Nor one that says so. */
	beat(5, 0);
	ck_assert_int_eq(figure("bytesProxied"), 2020);
}
END_TEST

START_TEST(a_session_that_begins_anew_counts_on)
{
	beat(1000, 0);
	fake_ready(c, &a);
	beat(1500, 0);
	ck_assert_int_eq(figure("bytesProxied"), 500);
}
END_TEST

START_TEST(rates_are_means_over_six_times)
{
	beat(0, 0);
	beat(45000000, 0); /* 36 Mbit/s over 10 s */
	advance_samples(1);
	ck_assert_int_eq(kbps(0), 36000);
	ck_assert_int_eq(kbps(1), 6000);
	ck_assert_int_eq(kbps(2), 1200);
	ck_assert_int_eq(kbps(3), 400);
	ck_assert_int_eq(kbps(4), 200);
	ck_assert_int_eq(kbps(5), 100);
	advance_samples(1);
	ck_assert_int_eq(kbps(0), 0);
	ck_assert_int_eq(kbps(1), 6000);
	advance_samples(358);
	ck_assert_int_eq(kbps(5), 100);
	advance_samples(1);
	ck_assert_int_eq(kbps(5), 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("syncthing_status");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, all_names_are_there_with_their_types);
	tcase_add_test(t, uptime_is_since_the_start);
	tcase_add_test(t, clients_of_other_protocols_are_not_counted);
	tcase_add_test(t, session_is_two_keys_and_then_two_proxies);
	tcase_add_test(t, options_are_what_is_configured_in_strelaysrvs_units);
	tcase_add_test(t, bytes_are_those_since_the_first_beat);
	tcase_add_test(t, a_node_that_begins_anew_takes_nothing_back);
	tcase_add_test(t, a_session_that_begins_anew_counts_on);
	tcase_add_test(t, rates_are_means_over_six_times);
	return suite_run("syncthing_status", (TCase *[]){t, NULL});
}
