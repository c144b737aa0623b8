/*
 * hop_world - a node with one sibling, played by the test, and a connection
 * that control was asked about and that is to be joined there.
 *
 * For carrick_node_test with WRAP connect socket (CMakeLists.txt).
 */
#ifndef TESTS_UNIT_DATAPLANE_HOP_WORLD_H
#define TESTS_UNIT_DATAPLANE_HOP_WORLD_H

#include <sys/socket.h>

#include "tests/unit/dataplane/fixture.h"

#define TTL_MS 5000 /* of the join */

extern uint64_t conn;	  /* it said "token and more", of which 5 are skipped */
extern int peer;	  /* its peer's end */
extern int listener;	  /* the sibling's */
extern struct addr there; /* where that is */
extern int sibling;	  /* what came in there; closed at the end */

extern int connect_errno;    /* not 0: connect fails so */
extern bool connect_is_late; /* it is under way, and nothing comes of it */
extern bool no_socket;	     /* socket fails */

/* world_set_up, world_tear_down - of each test. */
void world_set_up(void);
void world_tear_down(void);

/* world_join_to - CONN_JOIN of conn and an address; world_join - say so of
 * there. */
struct ipc_msg world_join_to(const struct addr *a);
void world_join(void);

/* world_join_in_network - as the network of what is another machine's address
 * would be listed; connect goes there. */
struct ipc_msg world_join_in_network(void);

/* world_expect_refused - nothing of it is left, and control was told once. */
void world_expect_refused(enum reason why, uint8_t gone);

#endif
