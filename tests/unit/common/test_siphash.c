#include "common/siphash.h"

#include <check.h>

#include "tests/unit/suite.h"

/* The paper's appendix A and the vectors published with it: key and message
 * are 0, 1, 2, ... */
static const uint64_t KEY[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};
static const uint64_t EXPECTED[16] = {0x726fdb47dd0e0e31, 0x74f839c593dc67fd,
    0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d, 0xcf2794e0277187b7,
    0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137,
    0x93f5f5799a932462, 0x9e0082df0ba9e4b0, 0x7a5dbbc594ddb9f3,
    0xf4b32f46226bada7, 0x751e8fbc860ee5fb, 0x14ea5627c0843d90,
    0xf723ca908e7af2ee, 0xa129ca6149be45e5};

START_TEST(it_gives_the_papers_values)
{
	uint8_t message[16];

	for (uint8_t i = 0; i < 16; i++)
		message[i] = i;
	for (size_t len = 0; len < 16; len++)
		ck_assert_uint_eq(siphash(KEY, message, len), EXPECTED[len]);
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("siphash");

	tcase_add_test(tc, it_gives_the_papers_values);
	return suite_run("siphash", (TCase *[]){tc, NULL});
}
