#include <fcntl.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/identity.h"
#include "control/config.h"
#include "control/import.h"
#include "proto/deviceid.h"
#include "tests/unit/suite.h"

/* Of the certificate that strelaysrv 1.19.2 wrote, as it printed it. */
#define DEVICE "RSE6BWR-DKRGXVN-BJHZXFW-HWIIPWM-N7CMURR-3HV5RRY-P5F4AAG-4DPLJA3"

static char dir[64], cert[96], key[96], said[96], yml[96];
static char *notes;

static const char *const WRITTEN[] = {"control.yml", "splice.yml",
    "identity.pem", "syncthing.pem", "syncthing.token", "cluster.key"};

static void
name(char path[96], const char *file)
{
	(void)snprintf(path, 96, "%s/%s", dir, file);
}

static void
put(const char *path, const char *text, unsigned mode)
{
	int fd;

	(void)unlink(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(close(fd), 0);
}

static char *
text_of(const char *path)
{
	size_t len;
	char *text = fd_read_file(path, 1 << 20, &len);

	ck_assert_msg(text != NULL, "%s", path);
	return text;
}

static void
copy(const char *from, const char *to, unsigned mode)
{
	char *text = text_of(from);

	put(to, text, mode);
	free(text);
}

static void
set_up(void)
{
	(void)snprintf(dir, sizeof dir, "/tmp/carrick-import-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	name(cert, "cert.pem");
	name(key, "key.pem");
	name(said, "said");
	name(yml, "control.yml");
	copy(FIXTURES "/cert.pem", cert, 0644);
	copy(FIXTURES "/key.pem", key, 0600);
	notes = NULL;
}

static void
remove_written(void)
{
	char path[96];

	for (size_t i = 0; i < sizeof WRITTEN / sizeof WRITTEN[0]; i++) {
		name(path, WRITTEN[i]);
		(void)unlink(path);
	}
}

static void
tear_down(void)
{
	remove_written();
	(void)unlink(cert);
	(void)unlink(key);
	(void)unlink(said);
	ck_assert_int_eq(rmdir(dir), 0);
	free(notes);
}

/* import_strelaysrv with -keys dir and up to three flags; what it said on
 * stdout is then in notes. */
static int
import(const char *one, const char *two, const char *three)
{
	char *flags[] = {(char *)"-keys", dir, (char *)one, (char *)two,
	    (char *)three, NULL};
	size_t n = 2, len;
	int was, rc;

	while (flags[n] != NULL)
		n++;
	(void)fflush(stdout);
	was = dup(1);
	ck_assert_ptr_nonnull(freopen(said, "w", stdout));
	rc = import_strelaysrv(flags, n, yml);
	(void)fflush(stdout);
	ck_assert_int_ge(dup2(was, 1), 0);
	(void)close(was);
	free(notes);
	notes = fd_read_file(said, 1 << 20, &len);
	ck_assert_ptr_nonnull(notes);
	return rc;
}

static void
check_said(const char *text)
{
	ck_assert_msg(strstr(notes, text) != NULL, "%s: %s", text, notes);
}

static void
check_in(const char *file, const char *line)
{
	char path[96], *text;

	name(path, file);
	text = text_of(path);
	ck_assert_msg(strstr(text, line) != NULL, "%s: %s", file, line);
	free(text);
}

static void
load(struct config *config)
{
	char why[CONFIG_WHY_CAP];

	ck_assert_msg(config_load(config, yml, NULL, 0, why) == 0, "%s", why);
}

START_TEST(the_device_id_stays)
{
	char why[IDENTITY_WHY_CAP], path[96], text[DEVICEID_TEXT_CAP];
	struct identity *id;
	struct stat st;

	ck_assert_int_eq(import("-pools=", "-listen=192.0.2.7:22067", NULL), 0);
	check_said("relay://192.0.2.7:22067/?id=" DEVICE "\n");
	name(path, "syncthing.pem");
	id = identity_load(path, why);
	ck_assert_msg(id != NULL, "%s", why);
	ck_assert_str_eq(deviceid_format(id->digest, text), DEVICE);
	identity_free(id);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	check_said("Everything was carried over");
}
END_TEST

/* As an older or newer strelaysrv, or somebody with openssl, made them. */
static void
make_keys(EVP_PKEY *pkey, bool is_traditional)
{
	X509 *x = X509_new();
	FILE *f = fopen(cert, "w");
	int fd;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(X509_set_version(x, 2), 1);
	ck_assert_int_eq(ASN1_INTEGER_set(X509_get_serialNumber(x), 7), 1);
	(void)X509_gmtime_adj(X509_getm_notBefore(x), -7200);
	(void)X509_gmtime_adj(X509_getm_notAfter(x), -3600); /* it is over */
	ck_assert_int_eq(X509_set_pubkey(x, pkey), 1);
	ck_assert_int_gt(
	    X509_sign(
		x, pkey, EVP_PKEY_is_a(pkey, "ED25519") ? NULL : EVP_sha256()),
	    0);
	ck_assert_int_eq(PEM_write_X509(f, x), 1);
	ck_assert_int_eq(fclose(f), 0);
	X509_free(x);
	(void)unlink(key);
	fd = open(key, O_WRONLY | O_CREAT | O_EXCL, 0600);
	f = fdopen(fd, "w");
	ck_assert_ptr_nonnull(f);
	if (is_traditional) {
		BIO *bio = BIO_new_fp(f, BIO_NOCLOSE);

		ck_assert_int_eq(PEM_write_bio_PrivateKey_traditional(
				     bio, pkey, NULL, NULL, 0, NULL, NULL),
		    1);
		BIO_free(bio);
	} else {
		ck_assert_int_eq(
		    PEM_write_PrivateKey(f, pkey, NULL, NULL, 0, NULL, NULL),
		    1);
	}
	ck_assert_int_eq(fclose(f), 0);
	EVP_PKEY_free(pkey);
}

/* Of the certificate's own bytes. */
static void
digest_of_file(uint8_t digest[DIGEST_LEN])
{
	FILE *f = fopen(cert, "r");
	unsigned char *der = NULL;
	char *type = NULL, *header = NULL;
	unsigned n = DIGEST_LEN;
	long len;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(PEM_read(f, &type, &header, &der, &len), 1);
	ck_assert_int_eq(
	    EVP_Digest(der, (size_t)len, digest, &n, EVP_sha256(), NULL), 1);
	OPENSSL_free(type);
	OPENSSL_free(header);
	OPENSSL_free(der);
	ck_assert_int_eq(fclose(f), 0);
}

static void
check_taken_over(EVP_PKEY *pkey, bool is_traditional)
{
	char why[IDENTITY_WHY_CAP], path[96];
	uint8_t digest[DIGEST_LEN];
	struct identity *id;

	remove_written();
	make_keys(pkey, is_traditional);
	ck_assert_int_eq(import(NULL, NULL, NULL), 0);
	name(path, "syncthing.pem");
	id = identity_load(path, why);
	ck_assert_msg(id != NULL, "%s", why);
	digest_of_file(digest);
	ck_assert_mem_eq(id->digest, digest, sizeof digest);
	identity_free(id);
}

START_TEST(keys_of_every_kind_and_form_are_taken_over)
{
	for (int traditional = 0; traditional < 2; traditional++) {
		check_taken_over(EVP_RSA_gen(3072), traditional != 0);
		check_taken_over(EVP_EC_gen("P-256"), traditional != 0);
		check_taken_over(EVP_EC_gen("P-384"), traditional != 0);
	}
	check_taken_over(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), false);
}
END_TEST

START_TEST(rates_and_timeouts_are_carried_over)
{
	struct config config;

	ck_assert_int_eq(
	    import("-global-rate=500000", "-per-session-rate=100000", "-debug"),
	    0);
	check_said("-per-session-rate: it is each session's own");
	load(&config);
	ck_assert_uint_eq(config.max_bytes_per_s, 500000);
	ck_assert_uint_eq(config.max_bytes_per_s_per_pair, 100000);
	ck_assert_uint_eq(config.max_bytes_per_s_per_client, 0);
	ck_assert_uint_eq(config.connection_timeout_ms, 60000);
	ck_assert_uint_eq(config.handshake_timeout_ms, 60000);
	ck_assert_uint_eq(config.pair_idle_ms, 120000);
	ck_assert_uint_eq(config.max_control_streams, 4096);
	ck_assert_uint_eq(config.max_handshakes_per_source, 64);
	ck_assert_str_eq(config.log_level, "debug");
	ck_assert_uint_eq(config.frontends.n, 1);
	ck_assert_str_eq(config.frontends.items[0], "syncthing");
	config_free(&config);
	remove_written();
	ck_assert_int_eq(import("-message-timeout=30s", "-network-timeout=5m",
			     "-global-rate=-1"),
	    0);
	check_said("-network-timeout: it was written for sessions");
	load(&config);
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
		remove_written();
		ck_assert_int_eq(
		    import(CASES[i].flag, CASES[i].protocol, NULL), 0);
		check_in("splice.yml", CASES[i].listen);
	}
}
END_TEST

START_TEST(its_address_is_advertised_if_the_flags_tell)
{
	ck_assert_int_eq(
	    import("-ext-address=relay.example:443", NULL, NULL), 0);
	check_in("control.yml", "advertise:\n  - 'relay.example:443'\n");
	check_said("relay://relay.example:443/?id=" DEVICE);
	remove_written();
	ck_assert_int_eq(import("-ext-address=:443", NULL, NULL), 0);
	check_said("advertise: the flags do not say");
	check_said("set it to HOST:443");
	check_said("relay://HOST:443/?id=" DEVICE);
	remove_written();
	ck_assert_int_eq(import(NULL, NULL, NULL), 0);
	check_said("set it to HOST:22067");
}
END_TEST

START_TEST(its_page_of_figures_stays_where_it_was)
{
	struct config config;

	ck_assert_int_eq(import(NULL, NULL, NULL), 0);
	load(&config);
	ck_assert_uint_eq(config.syncthing_status_listen.n, 2);
	ck_assert_str_eq(
	    config.syncthing_status_listen.items[0], "0.0.0.0:22070");
	ck_assert_str_eq(config.syncthing_status_listen.items[1], "[::]:22070");
	config_free(&config);
	remove_written();
	ck_assert_int_eq(import("-status-srv=127.0.0.1:1", NULL, NULL), 0);
	check_in("control.yml", "syncthing_status_listen:\n  - '127.0.0.1:1'");
	remove_written();
	ck_assert_int_eq(import("-status-srv=", NULL, NULL), 0);
	load(&config);
	ck_assert_uint_eq(config.syncthing_status_listen.n, 0);
	config_free(&config);
}
END_TEST

START_TEST(the_token_goes_into_a_file_of_its_own)
{
	char path[96], *text;
	struct config config;
	struct stat st;

	ck_assert_int_eq(import("-token=it's a secret", NULL, NULL), 0);
	name(path, "syncthing.token");
	text = text_of(path);
	ck_assert_str_eq(text, "it's a secret");
	free(text);
	ck_assert_int_eq(stat(path, &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777, 0600);
	load(&config);
	ck_assert_str_eq(config.syncthing_token_file, path);
	config_free(&config);
	ck_assert_ptr_null(strstr(notes, "secret"));
	ck_assert_ptr_null(strstr(notes, "-pools"));
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
		remove_written();
		ck_assert_int_eq(import(CASES[i].flag, NULL, NULL), 0);
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
		ck_assert_msg(import(CASES[i].flag, NULL, NULL) == CASES[i].rc,
		    "%s", CASES[i].flag);
		ck_assert_int_ne(access(yml, F_OK), 0);
	}
}
END_TEST

START_TEST(keys_that_are_none_are_refused)
{
	(void)chmod(key, 0640);
	ck_assert_int_eq(import(NULL, NULL, NULL), 3);
	(void)chmod(key, 0600);
	put(key, "nothing", 0600);
	ck_assert_int_eq(import(NULL, NULL, NULL), 3);
	(void)unlink(key);
	ck_assert_int_eq(import(NULL, NULL, NULL), 3);
	make_keys(EVP_EC_gen("P-256"), false);
	copy(FIXTURES "/cert.pem", cert, 0644);
	ck_assert_int_eq(import(NULL, NULL, NULL), 3);
	ck_assert_int_ne(access(yml, F_OK), 0);
}
END_TEST

START_TEST(nothing_is_overwritten)
{
	char path[96], *text;

	for (size_t i = 0; i < sizeof WRITTEN / sizeof WRITTEN[0]; i++) {
		name(path, WRITTEN[i]);
		put(path, "mine", 0600);
		ck_assert_int_eq(import("-token=t", NULL, NULL), 3);
		for (size_t j = 0; j < sizeof WRITTEN / sizeof WRITTEN[0];
		     j++) {
			char other[96];

			name(other, WRITTEN[j]);
			ck_assert_int_eq(access(other, F_OK) == 0, i == j);
		}
		text = text_of(path);
		ck_assert_str_eq(text, "mine");
		free(text);
		ck_assert_int_eq(unlink(path), 0);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("import_strelaysrv");

	tcase_add_checked_fixture(t, set_up, tear_down);
	tcase_set_timeout(t, 50); /* RSA keys under valgrind */
	tcase_add_test(t, the_device_id_stays);
	tcase_add_test(t, keys_of_every_kind_and_form_are_taken_over);
	tcase_add_test(t, rates_and_timeouts_are_carried_over);
	tcase_add_test(t, it_listens_where_strelaysrv_did);
	tcase_add_test(t, its_address_is_advertised_if_the_flags_tell);
	tcase_add_test(t, its_page_of_figures_stays_where_it_was);
	tcase_add_test(t, the_token_goes_into_a_file_of_its_own);
	tcase_add_test(t, what_can_not_be_carried_over_is_said);
	tcase_add_test(t, what_is_wrong_is_refused_and_nothing_is_written);
	tcase_add_test(t, keys_that_are_none_are_refused);
	tcase_add_test(t, nothing_is_overwritten);
	return suite_run("import_strelaysrv", (TCase *[]){t, NULL});
}
