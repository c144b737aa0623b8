#include <string.h>

#include "control/strelaysrv_flags.h"
#include "tests/unit/suite.h"

static struct strelaysrv_flags f;
static const char *what, *why;

/* One to three arguments. */
static int
parse(const char *one, const char *two, const char *three)
{
	char *argv[] = {(char *)one, (char *)two, (char *)three, NULL};
	size_t n = 0;

	while (argv[n] != NULL)
		n++;
	what = why = NULL;
	return strelaysrv_flags_parse(&f, n, argv, &what, &why);
}

static void
check_refused(const char *one, const char *two, const char *says)
{
	ck_assert_int_eq(parse(one, two, NULL), -1);
	ck_assert_str_eq(what, one);
	ck_assert_msg(strstr(why, says) != NULL, "%s: %s", one, why);
}

START_TEST(without_flags_all_is_strelaysrvs_default)
{
	ck_assert_int_eq(parse(NULL, NULL, NULL), 0);
	ck_assert_str_eq(f.keys, ".");
	ck_assert_str_eq(f.listen, ":22067");
	ck_assert_str_eq(f.ext_address, "");
	ck_assert_str_eq(f.protocol, "tcp");
	ck_assert_str_eq(f.status_srv, ":22070");
	ck_assert_str_eq(f.pools, "https://relays.syncthing.net/endpoint");
	ck_assert_str_eq(f.provided_by, "");
	ck_assert_str_eq(f.token, "");
	ck_assert_int_eq(f.per_session_rate, 0);
	ck_assert_int_eq(f.global_rate, 0);
	ck_assert_int_eq(f.network_buffer, 65536);
	ck_assert_int_eq(f.nat_lease, 60);
	ck_assert_int_eq(f.nat_renewal, 30);
	ck_assert_int_eq(f.nat_timeout, 10);
	ck_assert_uint_eq(f.message_timeout_ms, 60000);
	ck_assert_uint_eq(f.network_timeout_ms, 120000);
	ck_assert_uint_eq(f.ping_interval_ms, 60000);
	ck_assert(!f.debug && !f.nat && !f.pprof && !f.version);
	ck_assert_uint_eq(f.given, 0);
}
END_TEST

START_TEST(a_value_follows_or_stands_behind_the_sign)
{
	static const char *const WAYS[][2] = {
	    {"-listen", ":443"},
	    {"--listen", ":443"},
	    {"-listen=:443", NULL},
	    {"--listen=:443", NULL},
	};

	for (size_t i = 0; i < sizeof WAYS / sizeof WAYS[0]; i++) {
		ck_assert_int_eq(parse(WAYS[i][0], WAYS[i][1], NULL), 0);
		ck_assert_str_eq(f.listen, ":443");
		ck_assert(strelaysrv_flags_has(&f, "listen"));
		ck_assert(!strelaysrv_flags_has(&f, "keys"));
	}
	ck_assert_int_eq(parse("-pools=", "-keys", "-x"), 0);
	ck_assert_str_eq(f.pools, "");
	ck_assert_str_eq(f.keys, "-x");
	ck_assert_int_eq(parse("-token=a=b", NULL, NULL), 0);
	ck_assert_str_eq(f.token, "a=b");
}
END_TEST

START_TEST(a_bool_takes_its_value_behind_the_sign_alone)
{
	ck_assert_int_eq(parse("-nat", "-listen", ":1"), 0);
	ck_assert(f.nat);
	ck_assert_str_eq(f.listen, ":1");
	ck_assert_int_eq(parse("-nat=true", "-debug=1", "-pprof=T"), 0);
	ck_assert(f.nat && f.debug && f.pprof);
	ck_assert_int_eq(parse("-nat=false", "-debug=0", "-pprof=F"), 0);
	ck_assert(!f.nat && !f.debug && !f.pprof);
	ck_assert_int_eq(parse("-version", NULL, NULL), 0);
	ck_assert(f.version);
	/* As in Go, where flags end there: nothing would be read behind it. */
	ck_assert_int_eq(parse("-nat", "true", NULL), -1);
	ck_assert_str_eq(what, "true");
}
END_TEST

START_TEST(the_last_of_two_counts)
{
	ck_assert_int_eq(parse("-listen=:1", "-listen=:2", NULL), 0);
	ck_assert_str_eq(f.listen, ":2");
}
END_TEST

START_TEST(durations_are_as_go_writes_them)
{
	static const struct {
		const char *text;
		uint64_t ms;
	} CASES[] = {
	    {"1m0s", 60000},
	    {"1m30s", 90000},
	    {"2h45m10s", 9910000},
	    {"1.5h", 5400000},
	    {".5s", 500},
	    {"5.s", 5000},
	    {"1500ms", 1500},
	    {"0", 0},
	    {"999us", 0},
	    {"1000us", 1},
	    {"1000\xc2\xb5s", 1},
	    {"1000\xce\xbcs", 1},
	    {"999999ns", 0},
	    {"0.001001s", 1},
	    {"999999h", UINT64_C(3599996400000)},
	};

	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		ck_assert_msg(
		    parse("-message-timeout", CASES[i].text, NULL) == 0, "%s",
		    CASES[i].text);
		ck_assert_msg(f.message_timeout_ms == CASES[i].ms, "%s: %llu",
		    CASES[i].text, (unsigned long long)f.message_timeout_ms);
	}
}
END_TEST

START_TEST(what_is_no_value_of_its_kind_is_refused)
{
	static const char *const DURATIONS[] = {"", "60", "1", "s", ".s", "1x",
	    "-1m", "+1m", "1m 2s", "1d", "1000000h", "1.0000001s", "1m2",
	    "999999h999999h999999h999999h999999h999999h", "1s1s1s1s1s1s1s1s1s"};
	static const char *const NUMBERS[] = {
	    "", "-", "1.5", "0x10", "1k", " 1", "9223372036854775808", "1 "};

	for (size_t i = 0; i < sizeof DURATIONS / sizeof DURATIONS[0]; i++)
		check_refused("-network-timeout", DURATIONS[i], "1m30s");
	for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++)
		check_refused("-global-rate", NUMBERS[i], "whole number");
	check_refused("-nat=yes", NULL, "true or false");
	check_refused("-nat=", NULL, "true or false");
}
END_TEST

START_TEST(numbers_have_64_bits_and_may_be_negative)
{
	ck_assert_int_eq(parse("-global-rate", "9223372036854775807", NULL), 0);
	ck_assert_int_eq(f.global_rate, INT64_MAX);
	ck_assert_int_eq(parse("-per-session-rate", "-1", NULL), 0);
	ck_assert_int_eq(f.per_session_rate, -1);
}
END_TEST

START_TEST(what_is_no_flag_is_refused)
{
	static const char *const BAD[] = {"-listn", "listen", "-", "--", "---",
	    "---listen", "-=x", "", "-Listen", "-listen ", "--config"};

	for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++)
		check_refused(BAD[i], "x", "no such flag");
}
END_TEST

START_TEST(a_value_that_does_not_follow_is_missed)
{
	check_refused("-listen", NULL, "a value must follow");
	check_refused("-global-rate", NULL, "a value must follow");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("strelaysrv_flags");

	tcase_add_test(t, without_flags_all_is_strelaysrvs_default);
	tcase_add_test(t, a_value_follows_or_stands_behind_the_sign);
	tcase_add_test(t, a_bool_takes_its_value_behind_the_sign_alone);
	tcase_add_test(t, the_last_of_two_counts);
	tcase_add_test(t, durations_are_as_go_writes_them);
	tcase_add_test(t, what_is_no_value_of_its_kind_is_refused);
	tcase_add_test(t, numbers_have_64_bits_and_may_be_negative);
	tcase_add_test(t, what_is_no_flag_is_refused);
	tcase_add_test(t, a_value_that_does_not_follow_is_missed);
	return suite_run("strelaysrv_flags", (TCase *[]){t, NULL});
}
