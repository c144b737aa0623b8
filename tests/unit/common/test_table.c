#include "common/table.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "common/tally.h"
#include "tests/unit/suite.h"

#define MAX 1000

/* How many allocations are given before they fail; -1 = all. */
static int n_allocations = -1;

static int
allocation_fails(void)
{
	if (n_allocations == 0) {
		errno = ENOMEM;
		return 1;
	}
	n_allocations -= n_allocations > 0;
	return 0;
}

void *__real_malloc(size_t len);
void *__wrap_malloc(size_t len);
void *__real_calloc(size_t n, size_t len);
void *__wrap_calloc(size_t n, size_t len);

void *
__wrap_malloc(size_t len)
{
	return allocation_fails() ? NULL : __real_malloc(len);
}

void *
__wrap_calloc(size_t n, size_t len)
{
	return allocation_fails() ? NULL : __real_calloc(n, len);
}

static struct table t;
static uint32_t values[MAX + 1];

static void
fill(uint32_t n)
{
	ck_assert_int_eq(table_init(&t, sizeof(uint32_t), MAX), 0);
	for (uint32_t i = 0; i < n; i++) {
		values[i] = i;
		ck_assert_int_eq(table_put(&t, &i, &values[i]), 0);
	}
}

START_TEST(what_was_put_is_found_and_nothing_else)
{
	uint32_t absent = MAX;

	fill(MAX);
	for (uint32_t i = 0; i < MAX; i++)
		ck_assert_ptr_eq(table_find(&t, &i), &values[i]);
	ck_assert_ptr_null(table_find(&t, &absent));
	table_fini(&t);
}
END_TEST

START_TEST(a_removed_key_is_gone_and_the_others_stay)
{
	fill(MAX);
	for (uint32_t i = 0; i < MAX; i += 2)
		ck_assert_ptr_eq(table_remove(&t, &i), &values[i]);
	for (uint32_t i = 0; i < MAX; i++)
		ck_assert_ptr_eq(
		    table_find(&t, &i), i % 2 == 0 ? NULL : &values[i]);
	ck_assert_uint_eq(t.n, MAX / 2);
	ck_assert_ptr_null(table_remove(&t, &(uint32_t){0}));
	table_fini(&t);
}
END_TEST

START_TEST(a_key_is_there_once)
{
	uint32_t key = 1;

	fill(2);
	ck_assert_int_eq(table_put(&t, &key, &values[0]), -1);
	ck_assert_int_eq(errno, EEXIST);
	ck_assert_ptr_eq(table_find(&t, &key), &values[1]);
	table_fini(&t);
}
END_TEST

START_TEST(a_full_table_takes_no_more_until_one_leaves)
{
	uint32_t key = MAX;

	fill(MAX);
	ck_assert_int_eq(table_put(&t, &key, &values[key]), -1);
	ck_assert_int_eq(errno, ENOSPC);
	ck_assert_ptr_nonnull(table_remove(&t, &(uint32_t){0}));
	ck_assert_int_eq(table_put(&t, &key, &values[key]), 0);
	table_fini(&t);
}
END_TEST

START_TEST(the_whole_key_counts)
{
	uint8_t a[TABLE_KEY_MAX] = {0}, b[TABLE_KEY_MAX] = {[31] = 1};

	ck_assert_int_eq(table_init(&t, TABLE_KEY_MAX, 2), 0);
	ck_assert_int_eq(table_put(&t, a, &values[0]), 0);
	ck_assert_ptr_null(table_find(&t, b));
	ck_assert_int_eq(table_put(&t, b, &values[1]), 0);
	ck_assert_ptr_eq(table_find(&t, a), &values[0]);
	table_fini(&t);
}
END_TEST

static void
count_and_remove(void *arg, const void *key, void *value)
{
	uint32_t *n = arg, copy = *(uint32_t *)value;

	ck_assert_mem_eq(key, &copy, sizeof copy);
	++*n;
	if (copy % 3 == 0)
		ck_assert_ptr_eq(table_remove(&t, &copy), value);
}

START_TEST(each_entry_is_visited_once_and_may_be_removed)
{
	uint32_t n = 0;

	fill(300);
	table_each(&t, count_and_remove, &n);
	ck_assert_uint_eq(n, 300);
	ck_assert_uint_eq(t.n, 200);
	table_fini(&t);
}
END_TEST

/* Check allocates for each assertion, so memory is short for the call alone. */
static int
put_with(int allocations, uint32_t key)
{
	int rc;

	n_allocations = allocations;
	rc = table_put(&t, &key, &values[key]);
	n_allocations = -1;
	return rc;
}

START_TEST(without_memory_nothing_is_added)
{
	uint32_t key = 5;

	fill(2);
	ck_assert_int_eq(put_with(0, key), -1);
	ck_assert_int_eq(errno, ENOMEM);
	ck_assert_ptr_null(table_find(&t, &key));
	ck_assert_uint_eq(t.n, 2);
	table_fini(&t);
}
END_TEST

START_TEST(without_memory_there_is_no_table)
{
	int rc;

	n_allocations = 0;
	rc = table_init(&t, 4, 4);
	n_allocations = -1;
	ck_assert_int_eq(rc, -1);
}
END_TEST

START_TEST(a_table_that_can_not_grow_is_slower_and_no_worse)
{
	uint32_t key = 16;

	fill(16);
	ck_assert_int_eq(
	    put_with(1, key), 0); /* the entry's, not the growth's */
	ck_assert_uint_eq(t.n_buckets, 16);
	ck_assert_ptr_eq(table_find(&t, &key), &values[16]);
	ck_assert_int_eq(put_with(2, 17), 0);
	ck_assert_uint_eq(t.n_buckets, 32);
	table_fini(&t);
}
END_TEST

START_TEST(a_tally_counts_up_to_its_limit_and_down_to_nothing)
{
	struct tally tally;
	uint32_t key = 1;

	ck_assert_int_eq(tally_init(&tally, sizeof key, 2), 0);
	ck_assert_int_eq(tally_take(&tally, &key, 2), 0);
	ck_assert_int_eq(tally_take(&tally, &key, 2), 0);
	ck_assert_int_eq(tally_take(&tally, &key, 2), -1);
	ck_assert_int_eq(errno, EDQUOT);
	tally_give(&tally, &key);
	ck_assert_int_eq(tally_take(&tally, &key, 2), 0);
	tally_give(&tally, &key);
	tally_give(&tally, &key);
	ck_assert_uint_eq(tally.counts.n, 0);
	tally_fini(&tally);
}
END_TEST

START_TEST(a_tally_has_room_for_so_many_keys)
{
	struct tally tally;
	uint32_t a = 1, b = 2;

	ck_assert_int_eq(tally_init(&tally, sizeof a, 1), 0);
	ck_assert_int_eq(tally_take(&tally, &a, 0), -1);
	ck_assert_int_eq(errno, EDQUOT);
	ck_assert_int_eq(tally_take(&tally, &a, 1), 0);
	ck_assert_int_eq(tally_take(&tally, &b, 1), -1);
	ck_assert_int_eq(errno, ENOSPC);
	tally_fini(&tally);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("table");

	tcase_add_test(tc, what_was_put_is_found_and_nothing_else);
	tcase_add_test(tc, a_removed_key_is_gone_and_the_others_stay);
	tcase_add_test(tc, a_key_is_there_once);
	tcase_add_test(tc, a_full_table_takes_no_more_until_one_leaves);
	tcase_add_test(tc, the_whole_key_counts);
	tcase_add_test(tc, each_entry_is_visited_once_and_may_be_removed);
	tcase_add_test(tc, without_memory_nothing_is_added);
	tcase_add_test(tc, without_memory_there_is_no_table);
	tcase_add_test(tc, a_table_that_can_not_grow_is_slower_and_no_worse);
	tcase_add_test(tc, a_tally_counts_up_to_its_limit_and_down_to_nothing);
	tcase_add_test(tc, a_tally_has_room_for_so_many_keys);
	return suite_run("table", (TCase *[]){tc, NULL});
}
