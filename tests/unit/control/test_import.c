/* FIXTURE is a file that tx3-relay 0.0.1 --init wrote; it printed DIGEST. */
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "control/args.h"
#include "control/config.h"
#include "control/der_identity.h"
#include "control/import.h"
#include "control/tx3_relay_file.h"
#include "tests/unit/suite.h"

#define DIGEST "mx_LI9_6ZC_uaWYiqCsBIRWSw7sdD7FEuEv_vktQjU8"

static char dir[64], from[96], yml[96], pem[96], splice_yml[96], said[96];
static char cluster[96], syncthing[96];
static char *fixture;
static size_t fixture_len;
static struct tx3_relay_file file;
static char why[TX3_RELAY_WHY_CAP];
static char *notes;

static void
set_up(void)
{
	strcpy(dir, "/tmp/test_import.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(from, sizeof from, "%s/tx3-relay.yml", dir);
	(void)snprintf(yml, sizeof yml, "%s/control.yml", dir);
	(void)snprintf(pem, sizeof pem, "%s/identity.pem", dir);
	(void)snprintf(splice_yml, sizeof splice_yml, "%s/splice.yml", dir);
	(void)snprintf(cluster, sizeof cluster, "%s/cluster.key", dir);
	(void)snprintf(syncthing, sizeof syncthing, "%s/syncthing.pem", dir);
	(void)snprintf(said, sizeof said, "%s/said", dir);
	fixture = fd_read_file(FIXTURE, 1 << 20, &fixture_len);
	ck_assert_ptr_nonnull(fixture);
	notes = NULL;
	why[0] = '\0';
}

static void
tear_down(void)
{
	const char *const FILES[] = {
	    from, yml, pem, cluster, syncthing, splice_yml, said};

	for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++)
		(void)unlink(FILES[i]);
	ck_assert_int_eq(rmdir(dir), 0);
	free(fixture);
	free(notes);
}

static void
put(const char *path, const char *text, size_t len, unsigned mode)
{
	int fd;

	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, len), (ssize_t)len);
	ck_assert_int_eq(close(fd), 0);
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
	put(from, text, (size_t)n, 0400);
}

static int
load(void)
{
	size_t len;
	FILE *f;
	int rc;

	free(notes);
	notes = NULL;
	f = open_memstream(&notes, &len);
	ck_assert_ptr_nonnull(f);
	rc = tx3_relay_file_load(&file, from, f, why);
	ck_assert_int_eq(fclose(f), 0);
	tx3_relay_file_free(&file);
	return rc;
}

/* import_tx3; what it said on stdout is then in notes. */
static int
import(void)
{
	int was, rc;
	size_t len;

	(void)fflush(stdout);
	was = dup(1);
	ck_assert_ptr_nonnull(freopen(said, "w", stdout));
	rc = import_tx3(from, yml);
	(void)fflush(stdout);
	ck_assert_int_ge(dup2(was, 1), 0);
	(void)close(was);
	free(notes);
	notes = fd_read_file(said, 1 << 20, &len);
	ck_assert_ptr_nonnull(notes);
	return rc;
}

static char *
text_of(const char *path)
{
	size_t len;
	char *text = fd_read_file(path, 1 << 20, &len);

	ck_assert_ptr_nonnull(text);
	return text;
}

static void
check_in_file(const char *path, const char *line)
{
	char *text = text_of(path);

	ck_assert_msg(strstr(text, line) != NULL, "%s: %s", path, line);
	free(text);
}

START_TEST(certificate_and_key_stay_as_they_are)
{
	char reason[IDENTITY_WHY_CAP], text[DIGEST_TEXT_CAP];
	struct identity *id;
	struct stat st;

	put(from, fixture, fixture_len, 0400);
	ck_assert_int_eq(import(), 0);
	id = identity_load(pem, reason);
	ck_assert_msg(id != NULL, "%s", reason);
	ck_assert_str_eq(digest_format(id->digest, text), DIGEST);
	identity_free(id);
	ck_assert_int_eq(stat(pem, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	ck_assert_ptr_nonnull(strstr(notes, DIGEST));
}
END_TEST

START_TEST(limits_and_binds_are_carried_over)
{
	char reason[CONFIG_WHY_CAP];
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
	ck_assert_ptr_nonnull(strstr(notes, "Everything was carried over"));
	ck_assert_msg(
	    config_load(&config, yml, NULL, 0, reason) == 0, "%s", reason);
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
	check_in_file(splice_yml, "listen:\n  - '192.0.2.7:38141'\n"
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
	check_in_file(yml, "\nmax_relays_per_client: 64\n");
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
		(void)unlink(yml);
		(void)unlink(pem);
		(void)unlink(cluster);
		(void)unlink(syncthing);
		(void)unlink(syncthing);
		(void)unlink(splice_yml);
		edit(CASES[i].what, CASES[i].to);
		ck_assert_int_eq(import(), 0);
		ck_assert_ptr_nonnull(strstr(notes, "Not carried over"));
		ck_assert_msg(
		    strstr(notes, CASES[i].says) != NULL, "%s", notes);
	}
}
END_TEST

START_TEST(file_that_others_may_read_is_warned_of)
{
	put(from, fixture, fixture_len, 0400);
	ck_assert_int_eq(load(), 0);
	ck_assert_str_eq(notes, "");
	put(from, fixture, fixture_len, 0644);
	ck_assert_int_eq(load(), 0);
	ck_assert_ptr_nonnull(strstr(notes, "mode 0644"));
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
		ck_assert_ptr_nonnull(strstr(why, from));
		ck_assert_ptr_null(strchr(why, '\n'));
		ck_assert_int_eq(import(), 3);
		ck_assert_int_ne(access(pem, F_OK), 0);
	}
}
END_TEST

/* Text that ends too early is YAML of less, or none; nothing crashes. */
START_TEST(file_cut_at_any_byte_is_refused)
{
	size_t whole = fixture_len - 1; /* the last is a newline */

	for (size_t len = 0; len < whole; len++) {
		put(from, fixture, len, 0400);
		ck_assert_msg(load() == -1, "%zu", len);
	}
	put(from, fixture, whole, 0400);
	ck_assert_int_eq(load(), 0);
}
END_TEST

START_TEST(file_that_is_not_there_is_named)
{
	ck_assert_int_eq(load(), -1);
	ck_assert_ptr_nonnull(strstr(why, from));
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
	const char *const FILES[] = {yml, pem, cluster, syncthing, splice_yml};

	put(from, fixture, fixture_len, 0400);
	for (size_t i = 0; i < 4; i++) {
		put(FILES[i], "mine", 4, 0600);
		ck_assert_int_eq(import(), 3);
		for (size_t j = 0; j < 4; j++)
			ck_assert_int_eq(access(FILES[j], F_OK) == 0, i == j);
		check_in_file(FILES[i], "mine");
		ck_assert_int_eq(unlink(FILES[i]), 0);
	}
}
END_TEST

static char *
base64(const uint8_t *p, int len)
{
	char *text = calloc(1, (size_t)len * 2 + 8);

	ck_assert_ptr_nonnull(text);
	(void)EVP_EncodeBlock((unsigned char *)text, p, len);
	return text;
}

START_TEST(key_of_another_certificate_is_refused)
{
	EVP_PKEY *other = EVP_EC_gen("P-256");
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(other);
	unsigned char *der = NULL;
	int len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	char *key = base64(der, len), cert[4096];
	const char *reason;

	ck_assert_int_eq(
	    sscanf(strstr(fixture, "tlsCertDer:"), "tlsCertDer: %4095s", cert),
	    1);
	ck_assert_ptr_null(der_identity_new(cert, key, &reason));
	ck_assert_str_eq(reason, "the certificate does not belong to the key");
	free(key);
	OPENSSL_free(der);
	PKCS8_PRIV_KEY_INFO_free(info);
	EVP_PKEY_free(other);
}
END_TEST

START_TEST(bytes_behind_the_certificate_are_refused)
{
	char cert[4096], key[4096];
	uint8_t der[4096];
	const char *reason;
	char *longer;
	int len;

	ck_assert_int_eq(
	    sscanf(strstr(fixture, "tlsCertDer:"),
		"tlsCertDer: %4095s tlsCertPkDer: %4095s", cert, key),
	    2);
	len = EVP_DecodeBlock(der, (unsigned char *)cert, (int)strlen(cert));
	der[len - 1] = 0; /* decoded padding: one byte, of which is nothing */
	longer = base64(der, len);
	ck_assert_ptr_null(der_identity_new(longer, key, &reason));
	ck_assert_str_eq(reason, "bytes follow the certificate");
	free(longer);
}
END_TEST

START_TEST(behind_strelaysrv_comes_its_own_command_line)
{
	char *argv[] = {"x", "--config", "c", "import", "strelaysrv", "-keys",
	    "--check", "import", NULL};
	struct daemon_args args;
	const char *what, *reason;

	ck_assert_int_eq(args_parse(&args, 8, argv, &what, &reason), 0);
	ck_assert_int_eq(args.action, ARGS_IMPORT);
	ck_assert_str_eq(args.config, "c");
	ck_assert_ptr_eq(args.rest, argv + 5);
	ck_assert_uint_eq(args.n_rest, 3);
	argv[5] = NULL;
	ck_assert_int_eq(args_parse(&args, 5, argv, &what, &reason), 0);
	ck_assert_ptr_nonnull(args.rest);
	ck_assert_uint_eq(args.n_rest, 0);
}
END_TEST

START_TEST(command_line_names_the_file)
{
	static const struct {
		int rc;
		char *argv[6];
	} CASES[] = {
	    {0, {"x", "import", "f", NULL}},
	    {0, {"x", "import", "f", "--config", "c", NULL}},
	    {0, {"x", "--config", "c", "import", "f", NULL}},
	    {-1, {"x", "import", NULL}},
	    {-1, {"x", "import", "--config", "c", NULL}},
	    {-1, {"x", "import", "f", "g", NULL}},
	    {-1, {"x", "--init", "import", "f", NULL}},
	    {-1, {"x", "import", "f", "--check", NULL}},
	    {-1, {"x", "import", "f", "--set", "a=b", NULL}},
	};

	for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
		const char *what, *reason;
		struct daemon_args args;
		int argc = 0;

		while (CASES[i].argv[argc] != NULL)
			argc++;
		ck_assert_int_eq(
		    args_parse(&args, argc, CASES[i].argv, &what, &reason),
		    CASES[i].rc);
		if (CASES[i].rc == 0) {
			ck_assert_int_eq(args.action, ARGS_IMPORT);
			ck_assert_str_eq(args.operand, "f");
			ck_assert_ptr_null(args.rest);
		}
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("import");

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
	tcase_add_test(t, key_of_another_certificate_is_refused);
	tcase_add_test(t, bytes_behind_the_certificate_are_refused);
	tcase_add_test(t, command_line_names_the_file);
	tcase_add_test(t, behind_strelaysrv_comes_its_own_command_line);
	return suite_run("import", (TCase *[]){t, NULL});
}
