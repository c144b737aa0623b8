/*
 * far_node - a node whose control is on another host, played by the test: what
 * it sends is kept sealed as it is, what comes is handed to it sealed.
 *
 * Link with WRAP ${NODE_WRAP} (CMakeLists.txt).
 */
#ifndef TESTS_UNIT_DATAPLANE_FAR_NODE_H
#define TESTS_UNIT_DATAPLANE_FAR_NODE_H

#include "dataplane/node.h"
#include "tests/unit/dataplane/fake_clock.h"
#include "tests/unit/dataplane/fake_links.h"

/* An envelope. */
struct far_sent {
	uint8_t env[SEAL_MSG_CAP];
	size_t len;
};

struct far {
	struct node *node;
	struct seal_link link; /* as control has it */
	struct seal_session control;
	uint8_t phase[SEAL_PHASE_LEN]; /* of the newest hello that was opened */

	struct far_sent sent[2]; /* the newest, and the one before */
	unsigned n_sent;
};

extern struct far far;

/* far_begin - a node whose control is at events_url. */
void far_begin(const char *events_url);
void far_end(void);

/* far_rounds - n rounds of the node's loop; far_advance - time passes in steps
 * of at most 50 ms, a round each. */
void far_rounds(int n);
void far_advance(uint64_t ms);

/* far_receive - these bytes come on the commands pipeline. */
void far_receive(const uint8_t *p, size_t len);

/* far_hello - open the newest hello; far.phase is its. */
struct ipc_msg far_hello(void);

/* far_welcome - the envelope of a WELCOME that answers it. Returns the
 * length. */
size_t far_welcome(uint64_t session, uint8_t *env);

/* far_session - WELCOME, and far.control is control's end of that. */
void far_session(uint64_t session);

/* far_command - the envelope of m, as of this session. Returns the length. */
size_t far_command(struct ipc_msg m, uint8_t *env);

/* far_event - open what was sent, i of far.sent. */
struct ipc_msg far_event(size_t i);

#endif
