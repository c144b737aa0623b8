/* The tables whose rows travel by number: reasons and figures. */
#include <string.h>

#include "proto/figures.h"
#include "proto/reason.h"
#include "tests/unit/suite.h"

START_TEST(reasons_have_names_of_their_own_and_help)
{
	for (unsigned i = 0; i < REASON_COUNT; i++) {
		ck_assert_str_ne(reason_name(i), "unknown");
		ck_assert_str_ne(reason_help(i), "");
		for (unsigned j = 0; j < i; j++)
			ck_assert_str_ne(reason_name(i), reason_name(j));
	}
}
END_TEST

START_TEST(a_number_beyond_the_reasons_is_unknown)
{
	ck_assert_str_eq(reason_name(REASON_COUNT), "unknown");
	ck_assert_str_eq(reason_help(REASON_COUNT), "");
	ck_assert_str_eq(reason_name(255), "unknown");
}
END_TEST

START_TEST(reason_numbers_stay_what_they_were)
{
	ck_assert_int_eq(REASON_NONE, 0);
	ck_assert_int_eq(REASON_HELD_TIMEOUT, 8);
	ck_assert_int_eq(REASON_PARTNER_GONE, 15);
	ck_assert_int_eq(REASON_IO_ERROR, 18);
}
END_TEST

START_TEST(figures_have_names_as_metrics_are_named)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz_";

	for (unsigned i = 0; i < FIGURE_COUNT; i++) {
		enum figure f = (enum figure)i;
		const char *name = figure_name(f);
		size_t len = strlen(name);
		bool total = len > 6 && strcmp(name + len - 6, "_total") == 0;

		ck_assert_uint_eq(strspn(name, allowed), len);
		ck_assert_str_ne(figure_help(f), "");
		ck_assert_msg(total != figure_is_gauge(f), "%s", name);
		for (unsigned j = 0; j < i; j++)
			ck_assert_str_ne(name, figure_name((enum figure)j));
	}
}
END_TEST

int
main(void)
{
	TCase *tc = tcase_create("catalogues");

	tcase_add_test(tc, reasons_have_names_of_their_own_and_help);
	tcase_add_test(tc, a_number_beyond_the_reasons_is_unknown);
	tcase_add_test(tc, reason_numbers_stay_what_they_were);
	tcase_add_test(tc, figures_have_names_as_metrics_are_named);
	return suite_run("catalogues", (TCase *[]){tc, NULL});
}
