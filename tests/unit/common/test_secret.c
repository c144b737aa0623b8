#include "common/secret.h"

#include <check.h>
#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include "tests/unit/suite.h"

/* How getrandom(2) answers: at most `piece` bytes a call, after `n_interrupts`
 * of EINTR; or with `error`. */
static size_t piece = 256;
static int n_interrupts, error;

ssize_t __wrap_getrandom(void *p, size_t len, unsigned flags);

ssize_t
__wrap_getrandom(void *p, size_t len, unsigned flags)
{
	(void)flags;
	if (error != 0 || n_interrupts-- > 0) {
		errno = error != 0 ? error : EINTR;
		return -1;
	}
	if (len > piece)
		len = piece;
	memset(p, 0x5a, len);
	return (ssize_t)len;
}

START_TEST(random_bytes_come_whole_however_the_kernel_gives_them)
{
	uint8_t buf[10] = {0};

	piece = 3;
	n_interrupts = 2;
	ck_assert_int_eq(secret_random(buf, 9), 0);
	for (int i = 0; i < 9; i++)
		ck_assert_uint_eq(buf[i], 0x5a);
	ck_assert_uint_eq(buf[9], 0);
}
END_TEST

START_TEST(without_randomness_it_fails)
{
	uint8_t buf[4];

	error = ENOSYS;
	ck_assert_int_eq(secret_random(buf, sizeof buf), -1);
	ck_assert_int_eq(errno, ENOSYS);
	ck_assert_uint_eq(secret_random_u64(), 0);
}
END_TEST

START_TEST(a_random_number_is_not_0)
{
	ck_assert_uint_eq(secret_random_u64(), 0x5a5a5a5a5a5a5a5a);
}
END_TEST

START_TEST(wiped_bytes_are_0)
{
	uint8_t buf[8];

	memset(buf, 7, sizeof buf);
	secret_wipe(buf, sizeof buf);
	for (size_t i = 0; i < sizeof buf; i++)
		ck_assert_uint_eq(buf[i], 0);
}
END_TEST

START_TEST(any_one_bit_makes_secrets_unequal)
{
	uint8_t a[32] = {0}, b[32] = {0};

	ck_assert(secret_equal(a, b, sizeof a));
	for (size_t bit = 0; bit < 8 * sizeof b; bit++) {
		b[bit / 8] ^= (uint8_t)(1 << bit % 8);
		ck_assert(!secret_equal(a, b, sizeof a));
		b[bit / 8] = 0;
	}
	ck_assert(secret_equal(a, "x", 0));
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("secret");

	tcase_add_test(
	    tc, random_bytes_come_whole_however_the_kernel_gives_them);
	tcase_add_test(tc, without_randomness_it_fails);
	tcase_add_test(tc, a_random_number_is_not_0);
	tcase_add_test(tc, wiped_bytes_are_0);
	tcase_add_test(tc, any_one_bit_makes_secrets_unequal);
	return suite_run("secret", (TCase *[]){tc, NULL});
}
