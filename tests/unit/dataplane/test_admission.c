#include "dataplane/admission.h"

#include <check.h>

#include "tests/unit/suite.h"

static const struct addr LOCAL; /* zeros */
static const struct conf_list NO_TEXTS;

static struct addr
v4(uint8_t last)
{
	return (struct addr){
	    .ip = {[10] = 0xff, 0xff, 192, 0, 2, last}, .port = last};
}

static struct addr
v6(uint8_t in_network, uint8_t host)
{
	return (struct addr){
	    .ip = {0x20, 0x01, 0xd, 0xb8, [7] = in_network, [15] = host}};
}

START_TEST(places_are_limited_in_all_and_come_back)
{
	struct admissions as;
	struct admission a[3];
	struct addr from;

	ck_assert_int_eq(
	    admissions_init(&as, (const uint32_t[]){2, 1, 1, 1}, 2, &NO_TEXTS),
	    0);
	from = v4(1);
	ck_assert_int_eq(
	    admission_take(&as, &a[0], &from, ADMISSION_PUBLIC), REASON_NONE);
	from = v4(2);
	ck_assert_int_eq(
	    admission_take(&as, &a[1], &from, ADMISSION_PUBLIC), REASON_NONE);
	from = v4(3);
	ck_assert_int_eq(admission_take(&as, &a[2], &from, ADMISSION_PUBLIC),
	    REASON_LIMIT_CONNECTIONS);
	admission_give(&as, &a[0]);
	admission_give(&as, &a[0]); /* the second time nothing */
	ck_assert_uint_eq(as.n[ADMISSION_PUBLIC], 1);
	ck_assert_int_eq(
	    admission_take(&as, &a[2], &from, ADMISSION_PUBLIC), REASON_NONE);
	admission_give(&as, &a[1]);
	admission_give(&as, &a[2]);
	admissions_fini(&as);
}
END_TEST

START_TEST(a_source_is_an_ipv4_address_or_an_ipv6_64)
{
	struct admissions as;
	struct admission a[3];
	struct addr first = _i == 0 ? v4(1) : v6(1, 1);
	struct addr same = first, other = _i == 0 ? v4(2) : v6(2, 1);

	same.port++;
	if (_i == 1)
		same.ip[15]++;
	ck_assert_int_eq(
	    admissions_init(&as, (const uint32_t[]){9, 1, 1, 1}, 1, &NO_TEXTS),
	    0);
	ck_assert_int_eq(
	    admission_take(&as, &a[0], &first, ADMISSION_PUBLIC), REASON_NONE);
	ck_assert_int_eq(admission_take(&as, &a[1], &same, ADMISSION_PUBLIC),
	    REASON_LIMIT_SOURCE);
	ck_assert_int_eq(
	    admission_take(&as, &a[2], &other, ADMISSION_PUBLIC), REASON_NONE);
	ck_assert_uint_eq(as.n[ADMISSION_PUBLIC], 2);
	admissions_fini(&as);
}
END_TEST

START_TEST(strangers_do_not_take_controls_own_places)
{
	struct admissions as;
	struct admission a[4];
	struct addr from = v4(1);

	ck_assert_int_eq(
	    admissions_init(&as, (const uint32_t[]){1, 1, 1, 1}, 1, &NO_TEXTS),
	    0);
	ck_assert_int_eq(
	    admission_take(&as, &a[0], &from, ADMISSION_PUBLIC), REASON_NONE);
	ck_assert_int_eq(
	    admission_take(&as, &a[1], &LOCAL, ADMISSION_LOCAL), REASON_NONE);
	ck_assert_int_eq(admission_take(&as, &a[2], &LOCAL, ADMISSION_LOCAL),
	    REASON_LIMIT_CONNECTIONS);
	ck_assert_int_eq(
	    admission_take(&as, &a[3], &from, ADMISSION_ACCEPT), REASON_NONE);
	admission_give(&as, &a[1]);
	ck_assert_uint_eq(as.n[ADMISSION_LOCAL], 0);
	ck_assert_uint_eq(as.n[ADMISSION_ACCEPT], 1);
	admissions_fini(&as);
}
END_TEST

START_TEST(an_exempt_network_has_the_limit_of_all_alone)
{
	char network[] = "192.0.2.0/25";
	void *items[] = {network};
	const struct conf_list exempt = {.n = 1, .items = items};
	struct addr inside = v4(1), outside = v4(200);
	struct admissions as;
	struct admission a[4];

	ck_assert_int_eq(
	    admissions_init(&as, (const uint32_t[]){4, 1, 1, 1}, 1, &exempt),
	    0);
	for (size_t i = 0; i < 3; i++)
		ck_assert_int_eq(
		    admission_take(&as, &a[i], &inside, ADMISSION_PUBLIC),
		    REASON_NONE);
	ck_assert_int_eq(admission_take(&as, &a[3], &outside, ADMISSION_PUBLIC),
	    REASON_NONE);
	ck_assert_int_eq(admission_take(&as, &a[3], &inside, ADMISSION_PUBLIC),
	    REASON_LIMIT_CONNECTIONS);
	ck_assert_uint_eq(as.sources.counts.n, 1);
	for (size_t i = 0; i < 4; i++)
		admission_give(&as, &a[i]);
	ck_assert_uint_eq(as.n[ADMISSION_PUBLIC], 0);
	ck_assert_uint_eq(as.sources.counts.n, 0);
	admissions_fini(&as);
}
END_TEST

/* Else the one would stand in the other's line, with the other's limits. */

START_TEST(an_exempt_address_is_no_source_with_its_neighbours)
{
	char balancer[] = "2001:db8:0:1::1";
	void *items[] = {balancer};
	const struct conf_list exempt = {.n = 1, .items = items};
	struct addr inside = v6(1, 1), beside = v6(1, 2);
	struct admissions as;
	struct admission a[2];

	ck_assert_int_eq(
	    admissions_init(&as, (const uint32_t[]){4, 1, 1, 1}, 1, &exempt),
	    0);
	ck_assert_int_eq(
	    admission_take(&as, &a[0], &inside, ADMISSION_PUBLIC), REASON_NONE);
	ck_assert_int_eq(
	    admission_take(&as, &a[1], &beside, ADMISSION_PUBLIC), REASON_NONE);
	ck_assert(!a[0].is_counted && a[1].is_counted);
	ck_assert_mem_ne(a[0].source.ip, a[1].source.ip, sizeof inside.ip);
	admissions_fini(&as);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("admission");

	tcase_add_test(t, places_are_limited_in_all_and_come_back);
	tcase_add_loop_test(t, a_source_is_an_ipv4_address_or_an_ipv6_64, 0, 2);
	tcase_add_test(t, strangers_do_not_take_controls_own_places);
	tcase_add_test(t, an_exempt_network_has_the_limit_of_all_alone);
	tcase_add_test(t, an_exempt_address_is_no_source_with_its_neighbours);
	return suite_run("admission", (TCase *[]){t, NULL});
}
