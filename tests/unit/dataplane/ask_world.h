/*
 * ask_world - a node, peers that say a byte, and verdicts: for tests of whom
 * control is asked about, and who waits for that.
 *
 * For carrick_node_test (CMakeLists.txt).
 */
#ifndef TESTS_UNIT_DATAPLANE_ASK_WORLD_H
#define TESTS_UNIT_DATAPLANE_ASK_WORLD_H

#include "dataplane/ask.h"
#include "tests/unit/dataplane/fixture.h"

extern struct node *n;
extern int peers[BUDGET_PARKED_SOURCE_MAX + 64]; /* in the order they came */
extern size_t n_peers;
extern size_t n_answered; /* CONN_OPENs that world_answer_one is done with */

/* world_begin, world_begin_session - as the fixture's. */
void world_begin(const char *const *settings);
void world_begin_session(const char *const *settings);

/* world_end - everybody leaves, and no place is taken any more. */
void world_end(void);

/* world_come - how_many from 192.0.2.source come in and say a byte; source 0:
 * from control's own socket. */
void world_come(uint8_t source, int how_many);

/* world_answer_one - a verdict for the oldest that has none. */
void world_answer_one(void);

#endif
