/*
 * stop_world - a node that is to end, its pairs, and what control says to
 * that.
 *
 * For carrick_node_test (CMakeLists.txt).
 */
#ifndef TESTS_UNIT_DATAPLANE_STOP_WORLD_H
#define TESTS_UNIT_DATAPLANE_STOP_WORLD_H

#include "tests/unit/dataplane/fixture.h"

#define OWN_MS 60000 /* drain_timeout_ms by default */

extern struct node *n;

/* world_begin - a session. fixture_end ends it. */
void world_begin(void);

/* What control says: it has heard of all releases; BYE_ACK; DRAIN. */
void world_acknowledge(void);
void world_answer_goodbye(void);
void world_drain(uint32_t timeout_ms);

/* world_make_pair - a pair that a drain waits for, or not, and its peers;
 * world_outgrow - it moves so much that a thread has it; world_part - they
 * leave. */
void world_make_pair(int peers[2], enum ipc_on_drain on_drain);
void world_outgrow(int peers[2]);
void world_part(int peers[2]);

/* world_how_pair_ended - the reason of the newest PAIR_ENDED. */
int world_how_pair_ended(void);

/* world_said_goodbye - whether NODE_BYE was sent. */
bool world_said_goodbye(void);

/* world_expect_end - the loop was stopped: it would wait for ever otherwise.
 * The fixture ends with that. */
void world_expect_end(void);

#endif
