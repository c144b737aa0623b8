#include <jansson.h>
#include <string.h>

#include "control/syncthing_status.h"
#include "tests/unit/control/world.h"

static void
set_up(void)
{
	one_node();
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
	json_t *page = syncthing_status_new(c, 86399), *options;

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
	ck_assert(json_is_string(json_object_get(page, "version")));
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

START_TEST(clients_of_other_protocols_are_not_counted)
{
	(void)fake_client(c, &a, 7);
	fake_open(c, &a, 1, 1, fake_digest(7));
	ck_assert_int_eq(figure("numConnections"), 0);
	ck_assert_int_eq(figure("numPendingSessionKeys"), 0);
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
	tcase_add_test(t, bytes_are_those_since_the_first_beat);
	tcase_add_test(t, a_node_that_begins_anew_takes_nothing_back);
	tcase_add_test(t, a_session_that_begins_anew_counts_on);
	tcase_add_test(t, rates_are_means_over_six_times);
	return suite_run("syncthing_status", (TCase *[]){t, NULL});
}
