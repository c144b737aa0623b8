/*
 * asked - a node with one connection that control was asked about, and that
 * has said "hello world".
 *
 * For carrick_node_test (CMakeLists.txt).
 */
#ifndef TESTS_UNIT_DATAPLANE_ASKED_H
#define TESTS_UNIT_DATAPLANE_ASKED_H

#include "tests/unit/dataplane/fixture.h"

extern uint64_t conn; /* its number */
extern int peer;      /* its peer's end */
extern int other;     /* for a second one; closed with the first */

/* asked_begin, asked_end - of each test. */
void asked_begin(void);
void asked_end(void);

/* asked_expect_gone - nothing is left of it, and control was told. */
void asked_expect_gone(enum reason why);

#endif
