/* The command line, the configuration, and the descriptors it needs. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "common/log.h"
#include "common/daemon_args.h"
#include "dataplane/config.h"
#include "dataplane/limits.h"
#include "dataplane/siblings.h"
#include "proto/ipc.h"
#include "tests/unit/suite.h"

static struct config c;
static char why[CONF_WHY_CAP];

static int
load(const char *setting)
{
	return config_load(&c, NULL, &setting, setting != NULL, why);
}

START_TEST(the_defaults_make_a_node)
{
	ck_assert_int_eq(setenv("RUNTIME_DIRECTORY", "/run/x", 1), 0);
	ck_assert_int_eq(load(NULL), 0);
	ck_assert(ipc_name_is_valid(c.name));
	ck_assert_str_eq(c.events_url, "ipc:///run/x/control.events.ipc");
	ck_assert_uint_eq(c.listen.n, 2);
	ck_assert_str_eq(c.user, "carrick-splice");
	ck_assert_uint_eq(c.max_connections, 20480);
	ck_assert_uint_eq(config_n_pipes(&c), 48);
	ck_assert_uint_ge(config_n_workers(&c), 1);
	config_free(&c);
}
END_TEST

static const char *const REFUSED[] = {
    "user=root",
    "name=Big",
    "name=-x",
    "listen=[]",
    "listen=[localhost:7443]",
    "accept_listen=0.0.0.0:7444",
    "accept_listen=\"[::]:7444\"",
    "accept_listen=localhost:7444",
    "commands_listen=127.0.0.1:7448",
    "commands_listen=127.0.0.1:0",
    "commands_advertise=192.0.2.7:7448",
    "commands_advertise=edge.example:7448",
    "accept_advertise=192.0.2.7:0",
    "accept_advertise=0.0.0.0:7449",
    "accept_advertise=edge.example:7449",
    "accept_advertise=192.0.2.7:7449",
    "commands_listen=localhost:7448",
    "max_accept_connections=0",
    "max_sibling_connections=0",
    "siblings=[10.0.0.7]",
    "siblings=[\"10.0.0.0/24\"]",
    "siblings=[\"0.0.0.0:7444\"]",
    "siblings=[\"node-2:7444\"]",
    "max_accept_connections=1000001",
    "max_sibling_connections=1000001",
    "events_url=tcp://*:1",
    "events_url=tcp://0.0.0.0:1",
    "events_url=tcp://control.example:0",
    "events_url=tcp://control.example",
    "events_url=control.example:7447",
    "events_url=ipc://relative",
    "trusted_proxies=[10.0.0.1/8]",
    "trusted_proxies=[balancer.example]",
    "reuse_port=perhaps",
    "pipe_bytes=4095",
    "pipe_bytes=1048577",
    "preamble_timeout_ms=99",
    "preamble_timeout_ms=600001",
    "max_connections=0",
    "max_connections=1000001",
    "keepalive_count=128",
    "log_level=loud",
    "log_addresses=some",
    "no_such_key=1",
};

START_TEST(what_is_out_of_range_is_refused_by_name)
{
	size_t len = strcspn(REFUSED[_i], "=");
	char key[64] = "";

	memcpy(key, REFUSED[_i], len);
	ck_assert_int_eq(load(REFUSED[_i]), -1);
	ck_assert_ptr_nonnull(strstr(why, key));
	ck_assert_ptr_null(strchr(why, '\n'));
}
END_TEST

static const char *const TAKEN[] = {
    "pipe_bytes=4096",
    "pipe_bytes=1048576",
    "preamble_timeout_ms=100",
    "preamble_timeout_ms=600000",
    "max_connections=1",
    "max_connections=1000000",
    "keepalive_count=127",
    "pipe_pool_bytes=0",
    "user=nobody",
    "name=a.b_c-9",
    "accept_listen=10.0.0.7:7444",
    "siblings=[]",
    "siblings=[\"10.0.0.7:7444\", \"10.1.0.0/16:7444\"]",
    "siblings=[\"[2001:db8::/64]:7444\"]",
    "accept_listen=\"[2001:db8::7]:7444\"",
    "max_accept_connections=1",
    "max_sibling_connections=1",
    "max_accept_connections=1000000",
    "max_sibling_connections=1000000",
    "reuse_port=true",
};

START_TEST(what_is_in_range_is_taken)
{
	ck_assert_msg(load(TAKEN[_i]) == 0, "%s", why);
	config_free(&c);
}
END_TEST

START_TEST(a_pipe_is_a_power_of_two)
{
	ck_assert_int_eq(load("pipe_bytes=100000"), 0);
	ck_assert_uint_eq(c.pipe_bytes, 65536);
	ck_assert_uint_eq(config_n_pipes(&c), 768);
	config_free(&c);
}
END_TEST

START_TEST(a_socket_name_that_would_be_too_long_is_refused)
{
	char url[160] = "events_url=ipc:///";

	memset(url + strlen(url), 'x', 92);
	(void)strcat(url, "/c.ipc");
	ck_assert_int_eq(load(url), -1);
	ck_assert_ptr_nonnull(strstr(why, "shorter"));
}
END_TEST

static const char *const FAR[] = {"name=n1", "link_key=/etc/link.key",
    "commands_listen=0.0.0.0:7448", "accept_listen=0.0.0.0:7449",
    "events_url=tcp://control.example:7447"};
#define N_FAR (sizeof FAR / sizeof *FAR)

START_TEST(a_node_on_another_host_says_where_it_is_and_who)
{
	ck_assert_msg(config_load(&c, NULL, FAR, N_FAR, why) == 0, "%s", why);
	config_free(&c);
}
END_TEST

START_TEST(what_is_advertised_stands_for_what_is_bound)
{
	const char *settings[N_FAR + 2];
	const char *near[] = {
	    "accept_listen=0.0.0.0:7449", "accept_advertise=192.0.2.7:7449"};

	memcpy(settings, FAR, sizeof FAR);
	settings[N_FAR] = "commands_advertise=\"[2001:db8::7]:7448\"";
	settings[N_FAR + 1] = near[1];
	ck_assert_msg(
	    config_load(&c, NULL, settings, N_FAR + 2, why) == 0, "%s", why);
	config_free(&c);
	ck_assert_msg(config_load(&c, NULL, near, 2, why) == 0, "%s", why);
	config_free(&c);
	ck_assert_int_eq(config_load(&c, NULL, near + 1, 1, why), -1);
	ck_assert_ptr_nonnull(strstr(why, "set accept_listen too"));
}
END_TEST

START_TEST(what_a_node_on_another_host_needs_is_named)
{
	static const char *const MISSING[] = {
	    "link_key", "commands_listen", "accept_listen"};
	const char *settings[N_FAR];
	size_t n = 0;

	for (size_t i = 0; i < N_FAR; i++)
		if (strncmp(FAR[i], MISSING[_i], strlen(MISSING[_i])) != 0)
			settings[n++] = FAR[i];
	ck_assert_uint_eq(n, N_FAR - 1);
	ck_assert_int_eq(config_load(&c, NULL, settings, n, why), -1);
	ck_assert_int_eq(strncmp(why, MISSING[_i], strlen(MISSING[_i])), 0);
	ck_assert_ptr_nonnull(strstr(why, ": a tcp:// events_url needs it: "));
}
END_TEST

START_TEST(the_example_names_every_default)
{
	char *text = NULL;
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);

	config_example(f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_ptr_nonnull(strstr(text, "\n#max_connections: 20480\n"));
	ck_assert_ptr_nonnull(strstr(text, "\n#pipe_bytes: 1048576\n"));
	free(text);
}
END_TEST

static void
limit_to(rlim_t n)
{
	struct rlimit r = {.rlim_cur = n, .rlim_max = n};

	ck_assert_int_eq(setrlimit(RLIMIT_NOFILE, &r), 0);
}

START_TEST(connections_are_lowered_to_the_descriptors_there_are)
{
	const char *settings[] = {
	    "workers=1", "max_connections=500", "max_local_connections=10"};
	uint64_t beside, needed;

	log_setup(LOG_LEVEL_ERROR, LOG_ADDRESSES_FULL);
	ck_assert_int_eq(config_load(&c, NULL, settings, 3, why), 0);
	needed = limits_needed(&c, &beside);
	ck_assert_uint_eq(needed, beside + 500);
	limit_to(needed - (rlim_t)_i); /* each case is its own process */
	ck_assert_int_eq(limits_apply(&c, why), 0);
	ck_assert_uint_eq(c.max_connections, 500 - (uint32_t)_i);
	config_free(&c);
}
END_TEST

START_TEST(siblings_are_read_as_they_are_listed)
{
	const char *setting =
	    "siblings=[\"10.0.0.7:7444\", \"10.1.0.0/16:7445\"]";
	struct siblings ss;
	struct addr a;

	ck_assert_int_eq(load(setting), 0);
	config_siblings(&c, &ss);
	ck_assert_uint_eq(ss.n, 2);
	ck_assert_int_eq(addr_parse(&a, "10.1.2.3:7445"), 0);
	ck_assert_int_eq(siblings_find(&ss, &a), SIBLING_IN_NETWORK);
	ck_assert_uint_eq(config_max_siblings(&c), 4096);
	config_free(&c);
}
END_TEST

/* SIBLINGS_MAX, less and one more. */
START_TEST(as_many_siblings_can_be_listed_as_there_can_be_nodes)
{
	char setting[64 * SIBLINGS_MAX] = "siblings=[";
	int n = SIBLINGS_MAX - 1 + _i;
	size_t len = strlen(setting);

	for (int i = 0; i < n; i++)
		len += (size_t)snprintf(setting + len, sizeof setting - len,
		    "%s\"10.0.0.%d:7444\"", i > 0 ? ", " : "", i);
	(void)strcat(setting, "]");
	ck_assert_int_eq(load(setting), n > SIBLINGS_MAX ? -1 : 0);
	if (n <= SIBLINGS_MAX)
		config_free(&c);
}
END_TEST

START_TEST(siblings_cost_descriptors_where_they_can_come)
{
	const char *settings[] = {"max_accept_connections=77",
	    "max_sibling_connections=300",
	    _i == 0 ? "accept_listen=127.0.0.1:0"
		    : "siblings=[\"10.0.0.7:7444\"]"};
	uint64_t beside, alone;

	ck_assert_int_eq(config_load(&c, NULL, settings, 2, why), 0);
	(void)limits_needed(&c, &alone);
	ck_assert_uint_eq(config_max_accepts(&c), 0);
	ck_assert_uint_eq(config_max_siblings(&c), 0);
	config_free(&c);
	ck_assert_int_eq(config_load(&c, NULL, settings, 3, why), 0);
	(void)limits_needed(&c, &beside);
	ck_assert_uint_eq(beside, alone + (_i == 0 ? 77 : 300));
	config_free(&c);
}
END_TEST

START_TEST(without_a_descriptor_for_anybody_there_is_no_start)
{
	uint64_t beside;

	log_setup(LOG_LEVEL_ERROR, LOG_ADDRESSES_FULL);
	ck_assert_int_eq(load("workers=1"), 0);
	(void)limits_needed(&c, &beside);
	limit_to(beside);
	ck_assert_int_eq(limits_apply(&c, why), -1);
	ck_assert_ptr_nonnull(strstr(why, "needed"));
	config_free(&c);
}
END_TEST

static const struct {
	char *argv[5];
	int result;
	int action;
} LINES[] = {
    {{"x"}, 0, DAEMON_RUN},
    {{"x", "--check"}, 0, DAEMON_CHECK},
    {{"x", "--example"}, 0, DAEMON_EXAMPLE},
    {{"x", "--version"}, 0, DAEMON_VERSION},
    {{"x", "--help"}, 0, DAEMON_HELP},
    {{"x", "--config", "f", "--check"}, 0, DAEMON_CHECK},
    {{"x", "--set", "a=1", "--check"}, 0, DAEMON_CHECK},
    {{"x", "--config"}, -1, DAEMON_RUN},
    {{"x", "--set"}, -1, DAEMON_RUN},
    {{"x", "--check", "--help"}, -1, DAEMON_RUN},
    {{"x", "--bogus"}, -1, DAEMON_RUN},
    {{"x", "file"}, -1, DAEMON_RUN},
    {{"x", "--init"}, -1, DAEMON_RUN},
};

START_TEST(command_lines_are_understood_or_refused)
{
	struct daemon_args args;
	const char *what = NULL, *reason = NULL;
	int argc = 0;

	while (argc < 5 && LINES[_i].argv[argc] != NULL)
		argc++;
	ck_assert_int_eq(daemon_args_parse(
			     &args, NULL, argc, LINES[_i].argv, &what, &reason),
	    LINES[_i].result);
	if (LINES[_i].result == 0)
		ck_assert_int_eq(args.action, LINES[_i].action);
	else
		ck_assert(what != NULL && reason != NULL);
}
END_TEST

#define COUNT(a) (int)(sizeof(a) / sizeof(a)[0])

int
main(void)
{
	TCase *t = tcase_create("config");
	TCase *hard = tcase_create("hard limit");

	tcase_add_test(t, the_defaults_make_a_node);
	tcase_add_test(t, what_is_advertised_stands_for_what_is_bound);
	tcase_add_loop_test(
	    t, what_is_out_of_range_is_refused_by_name, 0, COUNT(REFUSED));
	tcase_add_loop_test(t, what_is_in_range_is_taken, 0, COUNT(TAKEN));
	tcase_add_test(t, a_pipe_is_a_power_of_two);
	tcase_add_test(t, a_socket_name_that_would_be_too_long_is_refused);
	tcase_add_test(t, a_node_on_another_host_says_where_it_is_and_who);
	tcase_add_loop_test(
	    t, what_a_node_on_another_host_needs_is_named, 0, 3);
	tcase_add_test(t, the_example_names_every_default);
	tcase_add_test(t, siblings_are_read_as_they_are_listed);
	tcase_add_loop_test(
	    t, as_many_siblings_can_be_listed_as_there_can_be_nodes, 0, 3);
	tcase_add_loop_test(
	    t, siblings_cost_descriptors_where_they_can_come, 0, 2);
	tcase_add_loop_test(
	    t, command_lines_are_understood_or_refused, 0, COUNT(LINES));
	tcase_set_tags(hard, "hard_limit"); /* not under valgrind */
	tcase_add_loop_test(
	    hard, connections_are_lowered_to_the_descriptors_there_are, 0, 3);
	tcase_add_test(
	    hard, without_a_descriptor_for_anybody_there_is_no_start);
	return suite_run("config", (TCase *[]){t, hard, NULL});
}
