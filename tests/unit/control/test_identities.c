#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "control/init.h"
#include "control/start.h"
#include "tests/unit/control/world.h"

static char dir[64];
static char one[96], two[96], link_to_one[96], missing[96];
static struct identities ids;
static struct config config;
static char why[CONFIG_WHY_CAP];

static void
make(const char *path)
{
	struct identity *id = init_identity(path, &TX3_CERT_FORM, why);

	ck_assert_msg(id != NULL, "%s", why);
	identity_free(id);
}

static void
set_up(void)
{
	strcpy(dir, "/tmp/test_identities.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(one, sizeof one, "%s/one.pem", dir);
	(void)snprintf(two, sizeof two, "%s/two.pem", dir);
	(void)snprintf(link_to_one, sizeof link_to_one, "%s/link.pem", dir);
	(void)snprintf(missing, sizeof missing, "%s/identity.pem", dir);
	make(one);
	make(two);
	ck_assert_int_eq(symlink(one, link_to_one), 0);
	ck_assert_int_eq(setenv("RUNTIME_DIRECTORY", "/run/x", 1), 0);
	ck_assert_int_eq(setenv("STATE_DIRECTORY", dir, 1), 0);
	log_setup(LOG_LEVEL_ERROR, LOG_ADDRESSES_FULL);
	memset(&ids, 0, sizeof ids);
	why[0] = '\0';
}

static void
tear_down(void)
{
	identities_free(&ids);
	config_free(&config);
	(void)unlink(one);
	(void)unlink(two);
	(void)unlink(link_to_one);
	(void)unlink(missing);
	ck_assert_int_eq(rmdir(dir), 0);
}

/* Two entries: the first as it is by default, the second of this text. */
static int
load(const char *first, const char *second, const char *more)
{
	char setting[512];
	const char *settings[] = {setting};

	(void)snprintf(setting, sizeof setting,
	    "identities=[{file: %s}, {file: %s%s}]", first, second, more);
	ck_assert_msg(
	    config_load(&config, NULL, settings, 1, why) == 0, "%s", why);
	return identities_load(&ids, &config, true, why);
}

START_TEST(several_are_loaded_and_found_by_their_digests)
{
	static const uint8_t NOBODY[DIGEST_LEN];

	ck_assert_msg(
	    load(one, two, ", dialect: notice50, retiring: true") == 0, "%s",
	    why);
	ck_assert_uint_eq(ids.n, 2);
	ck_assert_int_eq(ids.list[0].dialect, TX3_NOTICE32);
	ck_assert(!ids.list[0].is_retiring);
	ck_assert_int_eq(ids.list[1].dialect, TX3_NOTICE50);
	ck_assert(ids.list[1].is_retiring);
	for (size_t i = 0; i < 2; i++)
		ck_assert_ptr_eq(identities_find(&ids, &frontend_tx3,
				     ids.list[i].id->digest),
		    &ids.list[i]);
	ck_assert_ptr_null(identities_find(&ids, &frontend_tx3, NOBODY));
	ck_assert_int_eq(identities_open_tls(&ids, why), 0);
	ck_assert_ptr_ne(ids.list[0].tls, ids.list[1].tls);
}
END_TEST

START_TEST(same_certificate_under_two_names_is_refused)
{
	ck_assert_int_eq(load(one, link_to_one, ""), -1);
	ck_assert_ptr_nonnull(strstr(why, one));
	ck_assert_ptr_nonnull(strstr(why, link_to_one));
	ck_assert_ptr_nonnull(strstr(why, "same certificate"));
	ck_assert_int_eq(control_check_keys(&config), 3);
}
END_TEST

START_TEST(one_that_is_missing_is_named)
{
	ck_assert_int_eq(load(one, missing, ""), -1);
	ck_assert_ptr_nonnull(strstr(why, missing));
	ck_assert_ptr_nonnull(strstr(why, "--init"));
	ck_assert_int_eq(control_check_keys(&config), 3);
}
END_TEST

START_TEST(without_any_configuration_one_is_made_and_kept)
{
	uint8_t digest[DIGEST_LEN];

	ck_assert_int_eq(config_load(&config, NULL, NULL, 0, why), 0);
	ck_assert_int_eq(control_check_keys(&config), 0);
	ck_assert_int_ne(access(missing, F_OK), 0);
	ck_assert_int_eq(identities_load(&ids, &config, true, why), 0);
	memcpy(digest, ids.list[0].id->digest, sizeof digest);
	identities_free(&ids);
	ck_assert_int_eq(identities_load(&ids, &config, true, why), 0);
	ck_assert_mem_eq(digest, ids.list[0].id->digest, sizeof digest);
}
END_TEST

START_TEST(syncthings_own_is_made_even_for_a_configuration_in_a_file)
{
	const char *settings[] = {"frontends=[syncthing]"};
	char made[sizeof missing + 16];
	uint8_t digest[DIGEST_LEN];

	(void)snprintf(made, sizeof made, "%s/syncthing.pem", dir);
	ck_assert_int_eq(config_load(&config, NULL, settings, 1, why), 0);
	config.from_file = true;
	ck_assert_int_eq(control_check_keys(&config), 0);
	ck_assert_int_ne(access(made, F_OK), 0);
	ck_assert_int_eq(identities_load(&ids, &config, true, why), 0);
	ck_assert_uint_eq(ids.n, 1);
	ck_assert_ptr_eq(
	    identities_of(&ids, &frontend_syncthing), &ids.list[0]);
	ck_assert_ptr_null(identities_of(&ids, &frontend_tx3));
	ck_assert_int_eq(identities_open_tls(&ids, why), 0);
	memcpy(digest, ids.list[0].id->digest, sizeof digest);
	identities_free(&ids);
	ck_assert_int_eq(identities_load(&ids, &config, true, why), 0);
	ck_assert_mem_eq(digest, ids.list[0].id->digest, sizeof digest);
	ck_assert_int_eq(unlink(made), 0);
}
END_TEST

START_TEST(syncthings_own_is_not_made_where_it_was_named)
{
	char setting[sizeof missing + 32];
	const char *settings[] = {"frontends=[syncthing]", setting};

	(void)snprintf(
	    setting, sizeof setting, "syncthing_identity=%s", missing);
	ck_assert_int_eq(config_load(&config, NULL, settings, 2, why), 0);
	ck_assert_int_eq(identities_load(&ids, &config, true, why), -1);
	ck_assert_ptr_nonnull(strstr(why, missing));
	ck_assert_int_ne(access(missing, F_OK), 0);
	ck_assert_int_eq(control_check_keys(&config), 3);
}
END_TEST

/* From here on with identities 0xd1 and 0xd2 in a control by hand. */
static void
set_up_control(void)
{
	one_node();
	fake_identity(c, 0xd2, TX3_NOTICE50, false);
}

/* Client 7 by the identity of that digest. */
static void
register_by(uint64_t conn, uint8_t relay, uint8_t client)
{
	(void)fake_stream(
	    c, &a, conn, client, fake_digest(relay), fake_digest(client));
	fake_forget_commands();
}

START_TEST(dialled_digest_picks_the_identity)
{
	register_by(1, 0xd1, 7);
	ck_assert_ptr_eq(c->streams.live->identity, &c->identities.list[0]);
	register_by(3, 0xd2, 8);
	ck_assert_ptr_eq(c->streams.live->identity, &c->identities.list[1]);
	ck_assert_uint_eq(c->registry.clients.n, 2);
}
END_TEST

START_TEST(each_client_is_told_in_its_dialect)
{
	register_by(1, 0xd1, 7);
	register_by(3, 0xd2, 8);
	fake_open(c, &a, 5, 1, fake_digest(7));
	ck_assert_uint_eq(fake_written_len, TX3_NOTICE32_LEN);
	fake_open(c, &a, 6, 1, fake_digest(8));
	ck_assert_uint_eq(fake_written_len, TX3_NOTICE50_LEN);
	ck_assert_mem_eq(fake_written + 10, "\xff\xff\xc0\x00\x02\x01", 6);
	ck_assert_uint_eq(
	    (unsigned)(fake_written[16] << 8 | fake_written[17]), 40000);
	ck_assert_ptr_nonnull(table_find(&c->tokens.issued, fake_written + 18));
}
END_TEST

START_TEST(client_that_comes_by_another_identity_replaces_its_stream)
{
	register_by(1, 0xd1, 7);
	register_by(3, 0xd2, 7);
	ck_assert_uint_eq(c->registry.clients.n, 1);
	ck_assert_uint_eq(streams_ended(STREAM_END_REPLACED), 1);
	fake_open(c, &a, 5, 1, fake_digest(7));
	ck_assert_uint_eq(fake_written_len, TX3_NOTICE50_LEN);
}
END_TEST

START_TEST(no_identity_of_the_relay_can_be_a_clients)
{
	register_by(1, 0xd1, 0xd2);
	register_by(3, 0xd2, 0xd1);
	ck_assert_uint_eq(streams_ended(STREAM_END_DIGEST), 2);
	ck_assert_uint_eq(c->registry.clients.n, 0);
}
END_TEST

/* That URL, of that identity, begins so. */
static void
check_published(size_t i, size_t identity, const char *start)
{
	const struct published *p = &c->publish.urls[i];

	ck_assert_ptr_eq(p->who, &c->identities.list[identity]);
	ck_assert_msg(
	    strncmp(p->text, start, strlen(start)) == 0, "%s", p->text);
}

START_TEST(retiring_identity_serves_and_is_not_published)
{
	fake_identity(c, 0xd3, TX3_NOTICE50, true);
	c->publish.n = 0;
	publish_node(c, c->nodes.first);
	ck_assert_uint_eq(c->publish.n, 3);
	check_published(0, 0, "tx3-rst://");
	check_published(1, 1, "tx3-rst://");
	check_published(2, 1, "tx3:");
	register_by(1, 0xd3, 7);
	ck_assert(is_registered(7));
}
END_TEST

START_TEST(advertised_places_are_published_for_each_identity)
{
	char *advertise[] = {
	    strdup("relay.example:7443"), strdup("[2001:db8::7]:443")};

	c->publish.n = 0;
	c->config.advertise.items =
	    realloc(c->config.advertise.items, sizeof advertise);
	ck_assert_ptr_nonnull(c->config.advertise.items);
	memcpy(c->config.advertise.items, advertise, sizeof advertise);
	c->config.advertise.n = 2;
	publish_advertised(c);
	ck_assert_uint_eq(c->publish.n, 2 + 4);
	check_published(1, 0, "tx3-rst://[2001:db8::7]:443/");
	publish_node(c, c->nodes.first);
	ck_assert_uint_eq(c->publish.n, 6);
}
END_TEST

int
main(void)
{
	TCase *files = tcase_create("files"),
	      *serving = world_case("serving", set_up_control);

	tcase_add_checked_fixture(files, set_up, tear_down);
	tcase_add_test(files, several_are_loaded_and_found_by_their_digests);
	tcase_add_test(files, same_certificate_under_two_names_is_refused);
	tcase_add_test(files, one_that_is_missing_is_named);
	tcase_add_test(files, without_any_configuration_one_is_made_and_kept);
	tcase_add_test(
	    files, syncthings_own_is_made_even_for_a_configuration_in_a_file);
	tcase_add_test(files, syncthings_own_is_not_made_where_it_was_named);
	tcase_add_test(serving, dialled_digest_picks_the_identity);
	tcase_add_test(serving, each_client_is_told_in_its_dialect);
	tcase_add_test(
	    serving, client_that_comes_by_another_identity_replaces_its_stream);
	tcase_add_test(serving, no_identity_of_the_relay_can_be_a_clients);
	tcase_add_test(serving, retiring_identity_serves_and_is_not_published);
	tcase_add_test(
	    serving, advertised_places_are_published_for_each_identity);
	return suite_run("identities", (TCase *[]){files, serving, NULL});
}
