/*
 * life - all that can happen to a node, once: peers come, are held, paired,
 * moved for and dropped; control goes and comes back; the node ends. The test
 * is control and the peers, and every call of the node's counts for failing.
 *
 * For carrick_node_test with failing.c and WRAP ${FAILING_WRAP}
 * (CMakeLists.txt).
 */
#ifndef TESTS_UNIT_DATAPLANE_LIFE_H
#define TESTS_UNIT_DATAPLANE_LIFE_H

#include "tests/unit/dataplane/fixture.h"

/* What the test, as control and as the peers, knows. */
struct life {
	struct node *node;
	char path[32];
	size_t n_heard;	    /* events that control has dealt with */
	uint64_t held;	    /* 0 = none */
	unsigned n_paired;  /* CONN_PAIR sent */
	unsigned n_settled; /* PAIR_REFUSED and PAIR_ENDED heard */
	uint64_t last_seq;
	int peers[6];
	size_t n_peers;
};

extern struct life life;

/* life_set_up, life_tear_down - a node that has not begun; pool: its setting
 * of pipe_pool_bytes. */
void life_set_up(const char *pool);
void life_tear_down(void);

/* life_begin - start the node. Returns 0; -1: something failed. */
int life_begin(void);

/* life_live - what there is to a life; life_leave - whoever is still there
 * leaves, every deadline passes, and the node ends. */
void life_live(void);
void life_leave(void);

#endif
