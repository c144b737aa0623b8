/*
 * hop_world - a call whose peer is at node a, and whose client, 7, comes in at
 * b, which can join a.
 */
#ifndef TESTS_UNIT_CONTROL_HOP_WORLD_H
#define TESTS_UNIT_CONTROL_HOP_WORLD_H

#include "tests/unit/control/world.h"

enum { PEER = 1, COMER = 2, TICKET = 3 }; /* connections' numbers */

/* What b was told by begin_hop. */
extern struct ipc_conn_join join;

/* hop_world_set_up - both nodes, and client 7's control stream over b. */
void hop_world_set_up(void);

/* call_and_answer - a peer calls at a; the client says its token at b. */
void call_and_answer(void);

/* begin_hop - the same, and b is told to join a. */
void begin_hop(void);

/* arrive - b's connection comes in at a, whose command is returned. */
struct ipc_msg arrive(void);

/* expect_failed - the peer was turned away, for this reason, and no place is
 * taken. */
void expect_failed(enum call_end why);

/* expect_dead_ticket - whoever says the ticket now is nobody. */
void expect_dead_ticket(void);

#endif
