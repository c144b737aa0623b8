/* What becomes of a strelaysrv's flags. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/unit/control/strelaysrv_world.h"

START_TEST(rates_and_timeouts_are_carried_over)
{
	struct config config;

	ck_assert_int_eq(strelaysrv_import("-global-rate=500000",
			     "-per-session-rate=100000", "-debug"),
	    0);
	check_said("-per-session-rate: it is each session's own");
	import_load(&config);
	ck_assert_uint_eq(config.max_bytes_per_s, 500000);
	ck_assert_uint_eq(config.max_bytes_per_s_per_pair, 100000);
	ck_assert_uint_eq(config.max_bytes_per_s_per_client, 0);
	ck_assert_uint_eq(config.connection_timeout_ms, 60000);
	ck_assert_uint_eq(config.handshake_timeout_ms, 60000);
	ck_assert_uint_eq(config.pair_idle_ms, 120000);
	ck_assert_uint_eq(config.max_control_streams, 4096);
	ck_assert_uint_eq(config.max_control_streams_per_source, 256);
	ck_assert_uint_eq(config.max_relays_per_client, 1024);
	ck_assert_uint_eq(config.max_handshakes, 256);
	ck_assert_uint_eq(config.max_handshakes_per_source, 64);
	ck_assert_str_eq(config.log_level, "debug");
	ck_assert_uint_eq(config.frontends.n, 1);
	ck_assert_str_eq(config.frontends.items[0], "syncthing");
	config_free(&config);
	import_remove_written();
	ck_assert_int_eq(strelaysrv_import("-message-timeout=30s",
			     "-network-timeout=5m", "-global-rate=-1"),
	    0);
	check_said("-network-timeout: it was written for sessions");
	import_load(&config);
	ck_assert_uint_eq(config.max_bytes_per_s, 0);
	ck_assert_uint_eq(config.connection_timeout_ms, 30000);
	ck_assert_uint_eq(config.pair_idle_ms, 300000);
	config_free(&config);
}
END_TEST

START_TEST(it_listens_where_strelaysrv_did)
{
	static const struct {
		const char *flag, *protocol, *listen;
	} CASES[] = {
	    {NULL, NULL, "listen:\n  - '0.0.0.0:22067'\n  - '[::]:22067'\n"},
	    {"-listen=:443", NULL,
		"listen:\n  - '0.0.0.0:443'\n  - '[::]:443'\n"},
	    {"-listen=0.0.0.0:443", NULL,
		"listen:\n  - '0.0.0.0:443'\n  - '[::]:443'\n"},
	    {"-listen=:443", "-protocol=tcp4", "listen:\n  - '0.0.0.0:443'\n"},
	    {"-listen=:443", "-protocol=tcp6", "listen:\n  - '[::]:443'\n"},
	    {"-listen=192.0.2.7:1", NULL, "listen:\n  - '192.0.2.7:1'\n"},
	    {"-listen=[2001:db8::7]:1", NULL,
		"listen:\n  - '[2001:db8::7]:1'\n"},
	};

	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		import_remove_written();
		ck_assert_int_eq(
		    strelaysrv_import(CASES[i].flag, CASES[i].protocol, NULL),
		    0);
		check_in("splice.yml", CASES[i].listen);
	}
}
END_TEST

START_TEST(its_address_is_advertised_if_the_flags_tell)
{
	ck_assert_int_eq(
	    strelaysrv_import("-ext-address=relay.example:443", NULL, NULL), 0);
	check_in("control.yml", "advertise:\n  - 'relay.example:443'\n");
	check_said("relay://relay.example:443/?id=" DEVICE);
	import_remove_written();
	ck_assert_int_eq(strelaysrv_import("-ext-address=:443", NULL, NULL), 0);
	check_said("advertise: the flags do not say");
	check_said("set it to HOST:443");
	check_said("sent to port 22067 for their sessions, and not to 443");
	check_said("relay://HOST:443/?id=" DEVICE);
	import_remove_written();
	ck_assert_int_eq(strelaysrv_import(NULL, NULL, NULL), 0);
	check_said("set it to HOST:22067");
	ck_assert_ptr_null(strstr(import_notes, "for their sessions"));
}
END_TEST

START_TEST(its_page_of_figures_stays_where_it_was)
{
	struct config config;

	ck_assert_int_eq(strelaysrv_import(NULL, NULL, NULL), 0);
	import_load(&config);
	ck_assert_uint_eq(config.syncthing_status_listen.n, 2);
	ck_assert_str_eq(
	    config.syncthing_status_listen.items[0], "0.0.0.0:22070");
	ck_assert_str_eq(config.syncthing_status_listen.items[1], "[::]:22070");
	config_free(&config);
	import_remove_written();
	ck_assert_int_eq(
	    strelaysrv_import("-status-srv=127.0.0.1:1", NULL, NULL), 0);
	check_in("control.yml", "syncthing_status_listen:\n  - '127.0.0.1:1'");
	import_remove_written();
	ck_assert_int_eq(strelaysrv_import("-status-srv=", NULL, NULL), 0);
	import_load(&config);
	ck_assert_uint_eq(config.syncthing_status_listen.n, 0);
	config_free(&config);
}
END_TEST

START_TEST(the_token_goes_into_a_file_of_its_own)
{
	const char *path = import_path("syncthing.token");
	char *text;
	struct config config;
	struct stat st;

	ck_assert_int_eq(
	    strelaysrv_import("-token=it's a secret", NULL, NULL), 0);
	text = import_text("syncthing.token");
	ck_assert_str_eq(text, "it's a secret");
	free(text);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	import_load(&config);
	ck_assert_str_eq(config.syncthing_token_file, path);
	config_free(&config);
	ck_assert_ptr_null(strstr(import_notes, "secret"));
	ck_assert_ptr_null(strstr(import_notes, "-pools"));
}
END_TEST

START_TEST(what_can_not_be_carried_over_is_said)
{
	static const struct {
		const char *flag, *says;
	} CASES[] = {
	    {NULL, "-pools: Carrick joins none"},
	    {"-nat", "-nat: Carrick asks no router for a port: forward"},
	    {"-nat-lease=1", "-nat-lease: Carrick asks no router"},
	    {"-nat-renewal=1", "-nat-renewal: Carrick asks no router"},
	    {"-nat-timeout=1", "-nat-timeout: Carrick asks no router"},
	    {"-network-buffer=1", "-network-buffer: the kernel moves"},
	    {"-pprof", "-pprof: there is no such page"},
	    {"-provided-by=me", "-provided-by: it is for pools"},
	    {"-ping-interval=30s", "-ping-interval: devices are pinged"},
	    {"-listen=relay.example:1", "-listen: 'relay.example' is a name"},
	    {"-listen=:0", "-listen: port 0 is another"},
	    {"-status-srv=localhost:1", "-status-srv: 'localhost' is a name"},
	    {"-message-timeout=99ms",
		"-message-timeout in ms: 99 is out of Carrick's range "
		"100..600000: 100 was written"},
	    {"-network-timeout=0", "-network-timeout in ms: 0 is out"},
	    {"-global-rate=4294967296",
		"-global-rate: 4294967296 is out of Carrick's range "
		"1..4294967295: 4294967295 was written"},
	};

	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		import_remove_written();
		ck_assert_int_eq(
		    strelaysrv_import(CASES[i].flag, NULL, NULL), 0);
		check_said("Not carried over");
		check_said(CASES[i].says);
	}
}
END_TEST

START_TEST(what_is_wrong_is_refused_and_nothing_is_written)
{
	static const struct {
		const char *flag;
		int rc;
	} CASES[] = {
	    {"-no-such-flag", 2},
	    {"-version", 2},
	    {"-global-rate=much", 2},
	    {"-listen=:https", 3},
	    {"-listen=:65536", 3},
	    {"-listen=22067", 3},
	    {"-ext-address=relay.example", 3},
	    {"-status-srv=:", 3},
	    {"-token=two\nlines", 3},
	    {"-keys=/nonexistent", 3},
	};

	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		ck_assert_msg(
		    strelaysrv_import(CASES[i].flag, NULL, NULL) == CASES[i].rc,
		    "%s", CASES[i].flag);
		ck_assert(!import_has("control.yml"));
	}
}
END_TEST

START_TEST(token_that_fits_no_message_is_refused)
{
	char flag[sizeof "-token=" + 1021] = "-token=";

	memset(flag + 7, 'x', 1020);
	ck_assert_int_eq(strelaysrv_import(flag, NULL, NULL), 0);
	import_remove_written();
	flag[7 + 1020] = 'x';
	ck_assert_int_eq(strelaysrv_import(flag, NULL, NULL), 3);
}
END_TEST

static unsigned n_written, fails_at = UINT_MAX;

int __real_fd_write_file(
    const char *path, const void *p, size_t len, unsigned mode);
int __wrap_fd_write_file(
    const char *path, const void *p, size_t len, unsigned mode);

int
__wrap_fd_write_file(const char *path, const void *p, size_t len, unsigned mode)
{
	if (n_written++ != fails_at)
		return __real_fd_write_file(path, p, len, mode);
	errno = ENOSPC;
	return -1;
}

START_TEST(of_what_can_not_be_written_whole_nothing_is_left)
{
	n_written = 0;
	fails_at = (unsigned)_i;
	ck_assert_int_eq(strelaysrv_import("-token=t", NULL, NULL), 3);
	ck_assert_uint_eq(n_written, (unsigned)_i + 1);
	for (size_t i = 0; i < IMPORT_N_WRITTEN; i++)
		ck_assert(!import_has(IMPORT_WRITTEN[i]));
}
END_TEST

START_TEST(nothing_is_overwritten)
{
	for (size_t i = 0; i < IMPORT_N_WRITTEN; i++) {
		const char *file = IMPORT_WRITTEN[i];
		char *text;

		import_put(file, "mine", 4, 0600);
		ck_assert_int_eq(strelaysrv_import("-token=t", NULL, NULL), 3);
		for (size_t j = 0; j < IMPORT_N_WRITTEN; j++)
			ck_assert_int_eq(import_has(IMPORT_WRITTEN[j]), i == j);
		text = import_text(file);
		ck_assert_str_eq(text, "mine");
		free(text);
		ck_assert_int_eq(unlink(import_path(file)), 0);
	}
}
END_TEST

int
main(void)
{
	TCase *t = strelaysrv_case("import_strelaysrv");

	tcase_add_test(t, rates_and_timeouts_are_carried_over);
	tcase_add_test(t, it_listens_where_strelaysrv_did);
	tcase_add_test(t, its_address_is_advertised_if_the_flags_tell);
	tcase_add_test(t, its_page_of_figures_stays_where_it_was);
	tcase_add_test(t, the_token_goes_into_a_file_of_its_own);
	tcase_add_test(t, what_can_not_be_carried_over_is_said);
	tcase_add_test(t, what_is_wrong_is_refused_and_nothing_is_written);
	tcase_add_test(t, token_that_fits_no_message_is_refused);
	tcase_add_loop_test(t, of_what_can_not_be_written_whole_nothing_is_left,
	    0, IMPORT_N_WRITTEN);
	tcase_add_test(t, nothing_is_overwritten);
	return suite_run("import_strelaysrv", (TCase *[]){t, NULL});
}
