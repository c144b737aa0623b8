#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "control/config.h"
#include "tests/unit/suite.h"

static struct config config;
static char why[CONFIG_WHY_CAP];
static char path[] = "/tmp/test_config.XXXXXX";

static void
set_up(void)
{
	strcpy(path + sizeof path - 7, "XXXXXX");
	ck_assert_int_eq(setenv("RUNTIME_DIRECTORY", "/run/x", 1), 0);
	ck_assert_int_eq(setenv("STATE_DIRECTORY", "/var/x", 1), 0);
	why[0] = '\0';
}

static void
tear_down(void)
{
	(void)unlink(path);
}

/* The configuration that is this text. */
static int
load_text(const char *text)
{
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(close(fd), 0);
	return config_load(&config, path, NULL, 0, why);
}

static int
load_setting(const char *setting)
{
	return config_load(&config, NULL, &setting, 1, why);
}

static const struct config_identity *
identity(size_t i)
{
	return config.identities.items[i];
}

START_TEST(trusted_proxies_are_networks_and_none_by_default)
{
	ck_assert_int_eq(config_load(&config, NULL, NULL, 0, why), 0);
	ck_assert_uint_eq(config.trusted_proxies.n, 0);
	config_free(&config);
	ck_assert_int_eq(
	    load_setting("trusted_proxies=[10.0.0.0/8, \"2001:db8::7\"]"), 0);
	ck_assert_uint_eq(config.trusted_proxies.n, 2);
	config_free(&config);
	ck_assert_int_eq(load_setting("trusted_proxies=[10.0.0.1/8]"), -1);
	ck_assert_ptr_nonnull(strstr(why, "10.0.0.1/8"));
	ck_assert_int_eq(load_setting("trusted_proxies=[lb.example]"), -1);
}
END_TEST

START_TEST(nothing_given_is_a_good_configuration)
{
	ck_assert_int_eq(config_load(&config, NULL, NULL, 0, why), 0);
	ck_assert_str_eq(config.events_url, "ipc:///run/x/control.events.ipc");
	ck_assert_str_eq(config.cluster_key, "/var/x/cluster.key");
	ck_assert_str_eq(config.admin_socket, "/run/x/admin.sock");
	ck_assert_uint_eq(config.identities.n, 1);
	ck_assert_str_eq(identity(0)->file, "/var/x/identity.pem");
	ck_assert_str_eq(identity(0)->dialect, "notice32");
	ck_assert(!identity(0)->retiring);
	ck_assert(config.is_default_identity);
	ck_assert_uint_eq(config.admin_listen.n, 1);
	ck_assert_str_eq(config.admin_listen.items[0], "127.0.0.1:7445");
	ck_assert_uint_eq(config.max_control_streams, 320);
	ck_assert_uint_eq(config.max_control_streams_per_source, 4);
	ck_assert_uint_eq(config.max_relays_per_client, 64);
	ck_assert_uint_eq(config.connection_timeout_ms, 20000);
	ck_assert_uint_eq(config.pair_idle_ms, 0);
	ck_assert_uint_eq(config.max_bytes_per_s_per_pair, 0);
	ck_assert_uint_eq(config.max_bytes_per_s_per_client, 0);
	ck_assert_uint_eq(config.max_bytes_per_s, 0);
	ck_assert(!config.from_file);
	config_free(&config);
}
END_TEST

START_TEST(file_is_read_over_the_defaults)
{
	ck_assert_int_eq(load_text("max_handshakes: 7\n"
				   "identities:\n"
				   "  - file: /etc/me.pem\n"
				   "  - file: /etc/other.pem\n"
				   "    dialect: notice50\n"
				   "    retiring: true\n"
				   "admin_listen: []\n"
				   "advertise: [relay.example:7443]\n"),
	    0);
	ck_assert_uint_eq(config.max_handshakes, 7);
	ck_assert_uint_eq(config.identities.n, 2);
	ck_assert_str_eq(identity(0)->file, "/etc/me.pem");
	ck_assert_str_eq(identity(0)->dialect, "notice32");
	ck_assert_str_eq(identity(1)->file, "/etc/other.pem");
	ck_assert_str_eq(identity(1)->dialect, "notice50");
	ck_assert(identity(1)->retiring);
	ck_assert(!config.is_default_identity);
	ck_assert_uint_eq(config.admin_listen.n, 0);
	ck_assert(config.from_file);
	config_free(&config);
}
END_TEST

START_TEST(unknown_key_is_named_with_its_line)
{
	ck_assert_int_eq(load_text("max_handshakes: 7\nmax_hands: 8\n"), -1);
	ck_assert_ptr_nonnull(strstr(why, ":2: "));
	ck_assert_ptr_nonnull(strstr(why, "max_hands"));
}
END_TEST

START_TEST(key_given_twice_is_named_with_both_lines)
{
	ck_assert_int_eq(load_text("user: a\n\nuser: b\n"), -1);
	ck_assert_ptr_nonnull(strstr(why, ":3: "));
	ck_assert_ptr_nonnull(strstr(why, "line 1"));
}
END_TEST

START_TEST(value_out_of_range_is_named_with_line_and_range)
{
	ck_assert_int_eq(load_text("\nconnection_timeout_ms: 99\n"), -1);
	ck_assert_ptr_nonnull(strstr(why, ":2: connection_timeout_ms"));
	ck_assert_ptr_nonnull(strstr(why, "'99'"));
	ck_assert_ptr_nonnull(strstr(why, "100..600000"));
}
END_TEST

START_TEST(range_begins_and_ends_where_it_says)
{
	static const struct {
		const char *setting;
		int rc;
	} CASES[] = {
	    {"connection_timeout_ms=99", -1},
	    {"connection_timeout_ms=100", 0},
	    {"connection_timeout_ms=600000", 0},
	    {"connection_timeout_ms=600001", -1},
	    {"max_splice_nodes=0", -1},
	    {"max_splice_nodes=1", 0},
	    {"max_splice_nodes=256", 0},
	    {"max_splice_nodes=257", -1},
	    {"max_relays_per_client=0", -1},
	    {"max_relays_per_client=1", 0},
	    {"pair_idle_ms=-1", -1},
	    {"pair_idle_ms=0", 0},
	    {"pair_idle_ms=604800000", 0},
	    {"pair_idle_ms=604800001", -1},
	    {"max_bytes_per_s_per_pair=-1", -1},
	    {"max_bytes_per_s_per_pair=0", 0},
	    {"max_bytes_per_s_per_pair=4294967295", 0},
	    {"max_bytes_per_s_per_pair=4294967296", -1},
	    {"max_bytes_per_s_per_client=-1", -1},
	    {"max_bytes_per_s_per_client=0", 0},
	    {"max_bytes_per_s_per_client=4294967295", 0},
	    {"max_bytes_per_s_per_client=4294967296", -1},
	    {"max_bytes_per_s=-1", -1},
	    {"max_bytes_per_s=0", 0},
	    {"max_bytes_per_s=4294967295", 0},
	    {"max_bytes_per_s=4294967296", -1},
	};

	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		ck_assert_msg(load_setting(CASES[i].setting) == CASES[i].rc,
		    "%s", CASES[i].setting);
		if (CASES[i].rc == 0)
			config_free(&config);
	}
}
END_TEST

START_TEST(bad_value_says_what_is_allowed)
{
	static const struct {
		const char *setting;
		const char *says;
	} CASES[] = {
	    {"events_url=tcp://10.0.0.1:1",
		"nodes: with events_url tcp://10.0.0.1:1 no splice node is "
		"welcome until it is listed"},
	    {"events_url=tcp://control.example:1", "an address and a port"},
	    {"nodes=[{name: edge-1}]", "entry 1: it needs a name"},
	    {"nodes=[{networks: [10.0.0.0/8]}]", "and networks, such as"},
	    {"nodes=[{name: Edge, networks: [10.0.0.0/8]}]",
		"a pattern of names with * and ?"},
	    {"nodes=[{name: a, networks: [10.0.0.1/8]}]", "a network"},
	    {"events_url=http://x", "ipc://"},
	    {"admin_listen=[localhost:1]", "127.0.0.1:7445"},
	    {"advertise=[nowhere]", "HOST:PORT"},
	    {"frontends=[http]", "one of: syncthing tx3"},
	    {"frontends=[]", "1..16"},
	    {"frontends=[tx3, tx3]", "given twice"},
	    {"log_level=loud", "debug, info, warn, error"},
	    {"log_addresses=some", "full, prefix, none"},
	    {"identities=[{file: a}, {file: b}, {file: a}]", "given twice"},
	    {"identities=[{file: a, dialect: notice51}]", "notice32, notice50"},
	    {"identities=[{file: a, retiring: yes}]", "true or false"},
	    {"identities=[{file: a}, {dialect: notice50}]", "name the PEM"},
	    {"identities=[{}, {}, {}, {}, {}, {}, {}, {}, {}]", "0..8"},
	    {"identities=[{}]", "name the PEM file"},
	    {"nonsense=1", "no such key"},
	};

	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		ck_assert_int_eq(load_setting(CASES[i].setting), -1);
		ck_assert_msg(strstr(why, CASES[i].says) != NULL, "%s: %s",
		    CASES[i].setting, why);
		ck_assert_ptr_null(strchr(why, '\n'));
	}
}
END_TEST

START_TEST(example_is_a_configuration_that_says_the_defaults)
{
	size_t len;
	char *text = NULL;
	FILE *f = open_memstream(&text, &len);

	ck_assert_ptr_nonnull(f);
	config_example(f);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(load_text(text), 0);
	ck_assert_uint_eq(config.max_notices_burst, 200);
	config_free(&config);
	free(text);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("config");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, nothing_given_is_a_good_configuration);
	tcase_add_test(t, trusted_proxies_are_networks_and_none_by_default);
	tcase_add_test(t, file_is_read_over_the_defaults);
	tcase_add_test(t, unknown_key_is_named_with_its_line);
	tcase_add_test(t, key_given_twice_is_named_with_both_lines);
	tcase_add_test(t, value_out_of_range_is_named_with_line_and_range);
	tcase_add_test(t, range_begins_and_ends_where_it_says);
	tcase_add_test(t, bad_value_says_what_is_allowed);
	tcase_add_test(t, example_is_a_configuration_that_says_the_defaults);
	return suite_run("config", (TCase *[]){t, NULL});
}
