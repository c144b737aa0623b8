/* Which groups a pair draws from, and by which numbers. */
#include "control/rates.h"
#include "tests/unit/suite.h"

static struct config config;
static struct ipc_limits limits;

static const uint8_t DIGEST[DIGEST_LEN] = {
    0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0xff};
static const uint8_t OTHER[DIGEST_LEN] = {1, 2, 3, 4, 5, 6, 7, 8};

static void
configure(uint32_t pair, uint32_t client, uint32_t all)
{
	config = (struct config){
	    .max_bytes_per_s_per_pair = pair,
	    .max_bytes_per_s_per_client = client,
	    .max_bytes_per_s = all,
	};
	limits = (struct ipc_limits){.n_rates = 3};
	rates_of_pair(&limits, &config);
}

static void
assert_rate(size_t i, uint64_t group, uint64_t bytes_per_s)
{
	ck_assert_uint_gt(limits.n_rates, i);
	ck_assert_uint_eq(limits.rates[i].group, group);
	ck_assert_uint_eq(limits.rates[i].bytes_per_s, bytes_per_s);
}

START_TEST(without_limits_a_pair_draws_from_nothing)
{
	configure(0, 0, 0);
	rates_of_client(&limits, &config, DIGEST);
	ck_assert_uint_eq(limits.n_rates, 0);
}
END_TEST

START_TEST(each_limit_is_a_group_by_itself)
{
	configure(1, 0, 0);
	assert_rate(0, IPC_GROUP_OWN, 1);
	configure(0, 2, 0);
	rates_of_client(&limits, &config, DIGEST);
	assert_rate(0, UINT64_C(0x923456789abcdef0), 2);
	configure(0, 0, UINT32_MAX);
	rates_of_client(&limits, &config, DIGEST);
	assert_rate(0, 1, UINT32_MAX);
	ck_assert_uint_eq(limits.n_rates, 1);
}
END_TEST

START_TEST(a_pair_of_two_clients_draws_from_both)
{
	configure(1, 2, 3);
	rates_of_client(&limits, &config, DIGEST);
	rates_of_client(&limits, &config, OTHER);
	ck_assert_uint_eq(limits.n_rates, 4);
	assert_rate(0, IPC_GROUP_OWN, 1);
	assert_rate(1, 1, 3);
	assert_rate(2, UINT64_C(0x923456789abcdef0), 2);
	assert_rate(3, UINT64_C(0x8102030405060708), 2);
}
END_TEST

START_TEST(a_client_is_named_once)
{
	configure(0, 2, 0);
	rates_of_client(&limits, &config, DIGEST);
	rates_of_client(&limits, &config, DIGEST);
	ck_assert_uint_eq(limits.n_rates, 1);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("control rates");

	tcase_add_test(tc, without_limits_a_pair_draws_from_nothing);
	tcase_add_test(tc, each_limit_is_a_group_by_itself);
	tcase_add_test(tc, a_pair_of_two_clients_draws_from_both);
	tcase_add_test(tc, a_client_is_named_once);
	return suite_run("control rates", (TCase *[]){tc, NULL});
}
