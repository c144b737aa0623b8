/*
 * suite - what the main of each Check program here is.
 */
#ifndef TESTS_UNIT_SUITE_H
#define TESTS_UNIT_SUITE_H

#include <check.h>

/*
 * suite_run - run test cases, as the environment has it (CK_VERBOSITY,
 * CK_FORK …); as root on a network of their own, which has a loopback device
 * alone.
 *
 * cases    taken; NULL ends them.
 * Returns  what main does: 0; 1, and which tests failed has been said.
 */
int suite_run(const char *name, TCase *const *cases);

#endif
