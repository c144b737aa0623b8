#include "tests/unit/suite.h"

int
suite_run(const char *name, TCase *const *cases)
{
	Suite *s = suite_create(name);
	SRunner *runner = srunner_create(s);
	int n_failed;

	while (*cases != NULL)
		suite_add_tcase(s, *cases++);
	srunner_run_all(runner, CK_ENV);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
