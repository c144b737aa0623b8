/* FIXTURE is a file that tx3-relay 0.0.1 --init wrote; it printed DIGEST. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/identity.h"
#include "control/import.h"
#include "control/tx3_relay_file.h"
#include "tests/unit/control/import_world.h"
#include "tests/unit/suite.h"

#define DIGEST "mx_LI9_6ZC_uaWYiqCsBIRWSw7sdD7FEuEv_vktQjU8"
#define FROM   "tx3-relay.yml"

static char *fixture;
static size_t fixture_len;
static struct tx3_relay_file file;
static char why[TX3_RELAY_WHY_CAP];
static char *warnings; /* of the newest load */

static void
set_up(void)
{
	import_world_set_up();
	fixture = fd_read_file(FIXTURE, 1 << 20, &fixture_len);
	ck_assert_ptr_nonnull(fixture);
	warnings = NULL;
	why[0] = '\0';
}

static void
tear_down(void)
{
	import_world_tear_down();
	free(fixture);
	free(warnings);
}

/* The fixture with `to` in the place of `what`, 0400. */
static void
edit(const char *what, const char *to)
{
	const char *at = strstr(fixture, what);
	char text[8192];
	int n;

	ck_assert_ptr_nonnull(at);
	n = snprintf(text, sizeof text, "%.*s%s%s", (int)(at - fixture),
	    fixture, to, at + strlen(what));
	import_put(FROM, text, (size_t)n, 0400);
}

static int
load(void)
{
	size_t len;
	FILE *f;
	int rc;

	free(warnings);
	warnings = NULL;
	f = open_memstream(&warnings, &len);
	ck_assert_ptr_nonnull(f);
	rc = tx3_relay_file_load(&file, import_path(FROM), f, why);
	ck_assert_int_eq(fclose(f), 0);
	tx3_relay_file_free(&file);
	return rc;
}

static int
import(void)
{
	int rc;

	import_listen();
	rc = import_tx3(import_path(FROM), import_yml);
	import_take_notes();
	return rc;
}

START_TEST(certificate_and_key_stay_as_they_are)
{
	char reason[IDENTITY_WHY_CAP], text[DIGEST_TEXT_CAP];
	struct identity *id;
	struct stat st;

	import_put(FROM, fixture, fixture_len, 0400);
	ck_assert_int_eq(import(), 0);
	id = identity_load(import_path("identity.pem"), reason);
	ck_assert_msg(id != NULL, "%s", reason);
	ck_assert_str_eq(digest_format(id->digest, text), DIGEST);
	identity_free(id);
	ck_assert_int_eq(stat(import_path("identity.pem"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	check_said(DIGEST);
}
END_TEST

START_TEST(limits_and_binds_are_carried_over)
{
	struct config config;

	edit("  - \"tx3-rst://0.0.0.0:0\"\n"
	     "maxInboundConnections: 20480\n"
	     "maxControlStreams: 320\n"
	     "maxControlStreamsPerIp: 4\n"
	     "maxRelaysPerControl: 64\n"
	     "connectionTimeoutMs: 20000\n",
	    "  - \"tx3-rst://192.0.2.7:38141\"\n"
	    "  - tx3-rst://[2001:db8::7]:38142/\n"
	    "maxInboundConnections: 1000\n"
	    "maxControlStreams: 100\n"
	    "maxControlStreamsPerIp: 80\n"
	    "maxRelaysPerControl: 16\n"
	    "connectionTimeoutMs: 5000\n");
	ck_assert_int_eq(import(), 0);
	check_said("Everything was carried over");
	import_load(&config);
	ck_assert_uint_eq(config.max_control_streams, 100);
	ck_assert_uint_eq(config.max_control_streams_per_source, 80);
	ck_assert_uint_eq(config.max_handshakes_per_source, 80);
	ck_assert_uint_eq(config.max_handshakes, 80);
	ck_assert_uint_eq(config.max_relays_per_client, 16);
	ck_assert_uint_eq(config.connection_timeout_ms, 5000);
	ck_assert_uint_eq(config.handshake_timeout_ms, 5000);
	ck_assert_uint_eq(config.advertise.n, 2);
	ck_assert_str_eq(config.advertise.items[0], "192.0.2.7:38141");
	ck_assert_str_eq(config.advertise.items[1], "[2001:db8::7]:38142");
	config_free(&config);
	check_in("splice.yml", "listen:\n  - '192.0.2.7:38141'\n"
			       "  - '[2001:db8::7]:38142'\n"
			       "max_connections: 1000\n"
			       "max_connections_per_source: 1000\n"
			       "preamble_timeout_ms: 5000\n");
}
END_TEST

START_TEST(limits_that_are_not_given_are_the_originals)
{
	edit("maxRelaysPerControl: 64\n", "");
	ck_assert_int_eq(import(), 0);
	check_in("control.yml", "\nmax_relays_per_client: 64\n");
}
END_TEST

START_TEST(what_can_not_be_carried_over_is_said)
{
	static const struct {
		const char *what, *to, *says;
	} CASES[] = {
	    {"x", "x", "tx3-relay.yml:3: bind: port 0 is another"},
	    {"x", "x", "advertise: "},
	    {"0.0.0.0:0", "relay.example:4000/x",
		":3: bind: 'relay.example' is a name"},
	    {"  - \"tx3-rst://0.0.0.0:0\"", "  []", "bind: there is no addre"},
	    {"maxControlStreams: 320", "maxControlStreams: 0",
		":5: maxControlStreams: 0 is out of Carrick's range 1..65536: "
		"1 was written"},
	    {"maxInboundConnections: 20480",
		"maxInboundConnections: 4294967295",
		":4: maxInboundConnections: 4294967295 is out"},
	    {"connectionTimeoutMs: 20000", "connectionTimeoutMs: 99",
		":8: connectionTimeoutMs: 99 is out of Carrick's range "
		"100..600000: 100 was written"},
	    {"maxControlStreams: 320", "shoeSize: 44",
		":5: 'shoeSize': tx3-relay has no such key"},
	};

	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		import_remove_written();
		edit(CASES[i].what, CASES[i].to);
		ck_assert_int_eq(import(), 0);
		check_said("Not carried over");
		check_said(CASES[i].says);
	}
}
END_TEST

START_TEST(file_that_others_may_read_is_warned_of)
{
	import_put(FROM, fixture, fixture_len, 0400);
	ck_assert_int_eq(load(), 0);
	ck_assert_str_eq(warnings, "");
	import_put(FROM, fixture, fixture_len, 0644);
	ck_assert_int_eq(load(), 0);
	ck_assert_ptr_nonnull(strstr(warnings, "mode 0644"));
}
END_TEST

START_TEST(bad_file_is_refused_with_line_and_key)
{
	static const struct {
		const char *what, *to, *says;
	} CASES[] = {
	    {"64", "many", ":7: maxRelaysPerControl: value 'many'"},
	    {"64", "-1", ":7: maxRelaysPerControl: value '-1'"},
	    {"64", "4294967296", ":7: maxRelaysPerControl: value"},
	    {"64", "99999999999", ":7: maxRelaysPerControl: value"},
	    {"64", "[64]", ":7: maxRelaysPerControl: value ''"},
	    {"bind:\n  - \"tx3-rst://0.0.0.0:0\"", "bind: 7",
		":2: bind: a list is wanted"},
	    {"tx3-rst://", "tx3-st://", ":3: bind: value 'tx3-st://0.0.0.0:0'"},
	    {"0.0.0.0:0", "0.0.0.0", ":3: bind: value"},
	    {"0.0.0.0:0", "0.0.0.0:65536", ":3: bind: value"},
	    {"0.0.0.0:0", "", ":3: bind: value"},
	    {"maxControlStreams: ", "maxInboundConnections: ",
		":5: maxInboundConnections: given twice, before in line 4"},
	    {"tlsCertDer: MII", "tlsCertDer: MI", ":9: tlsCertDer: with tlsC"},
	    {"tlsCertDer: MIIC", "tlsCertDer: AAAA", "is not base64 of DER"},
	    {"tlsCertPkDer: MIGH", "tlsCertPkDer: AAAA", "base64 of PKCS#8"},
	    {"tlsCertPkDer: ", "tlsCertPk: ", "tlsCertPkDer: it is missing"},
	    {"tlsCertDer: ", "tlsCert: ", "tlsCertDer: it is missing"},
	    {"tlsCertDer: ", "tlsCertDer: [] #", ":9: tlsCertDer: base64 text"},
	    {"---", "--- [", "not YAML"},
	};

	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		edit(CASES[i].what, CASES[i].to);
		ck_assert_int_eq(load(), -1);
		ck_assert_msg(strstr(why, CASES[i].says) != NULL, "%s: %s",
		    CASES[i].says, why);
		ck_assert_ptr_nonnull(strstr(why, import_path(FROM)));
		ck_assert_ptr_null(strchr(why, '\n'));
		ck_assert_int_eq(import(), 3);
		ck_assert(!import_has("identity.pem"));
	}
}
END_TEST

/* Text that ends too early is YAML of less, or none; nothing crashes. */
START_TEST(file_cut_at_any_byte_is_refused)
{
	size_t whole = fixture_len - 1; /* the last is a newline */

	for (size_t len = 0; len < whole; len++) {
		import_put(FROM, fixture, len, 0400);
		ck_assert_msg(load() == -1, "%zu", len);
	}
	import_put(FROM, fixture, whole, 0400);
	ck_assert_int_eq(load(), 0);
}
END_TEST

START_TEST(file_that_is_not_there_is_named)
{
	ck_assert_int_eq(load(), -1);
	ck_assert_ptr_nonnull(strstr(why, import_path(FROM)));
	ck_assert_ptr_nonnull(strstr(why, "No such file"));
}
END_TEST

START_TEST(more_binds_than_a_node_listens_at_are_refused)
{
	char binds[33 * 32] = "";

	for (int n = 1; n <= 33; n++) {
		strcat(binds, "  - tx3-rst://127.0.0.1:1\n");
		if (n < 32)
			continue;
		edit("  - \"tx3-rst://0.0.0.0:0\"\n", binds);
		ck_assert_int_eq(load(), n == 32 ? 0 : -1);
	}
	ck_assert_ptr_nonnull(strstr(why, ":35: bind: more than 32"));
}
END_TEST

START_TEST(nothing_is_overwritten)
{
	static const char *const FILES[] = {"control.yml", "identity.pem",
	    "cluster.key", "syncthing.pem", "splice.yml"};

	import_put(FROM, fixture, fixture_len, 0400);
	for (size_t i = 0; i < 5; i++) {
		import_put(FILES[i], "mine", 4, 0600);
		ck_assert_int_eq(import(), 3);
		for (size_t j = 0; j < 5; j++)
			ck_assert_int_eq(import_has(FILES[j]), i == j);
		check_in(FILES[i], "mine");
		ck_assert_int_eq(unlink(import_path(FILES[i])), 0);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("import_tx3");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_add_test(t, certificate_and_key_stay_as_they_are);
	tcase_add_test(t, limits_and_binds_are_carried_over);
	tcase_add_test(t, limits_that_are_not_given_are_the_originals);
	tcase_add_test(t, what_can_not_be_carried_over_is_said);
	tcase_add_test(t, file_that_others_may_read_is_warned_of);
	tcase_add_test(t, bad_file_is_refused_with_line_and_key);
	tcase_add_test(t, file_cut_at_any_byte_is_refused);
	tcase_add_test(t, file_that_is_not_there_is_named);
	tcase_add_test(t, more_binds_than_a_node_listens_at_are_refused);
	tcase_add_test(t, nothing_is_overwritten);
	return suite_run("import_tx3", (TCase *[]){t, NULL});
}
