/*
 * fake_links - a node's two pipelines without nanomsg: the test says who is at
 * their ends, and is given what the node sends.
 *
 * Link with WRAP ${NODE_WRAP} (CMakeLists.txt).
 */
#ifndef TESTS_UNIT_DATAPLANE_FAKE_LINKS_H
#define TESTS_UNIT_DATAPLANE_FAKE_LINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/nnlink.h"

struct fake_links {
	/* The way to control. */
	void (*sent)(const void *p, size_t len); /* where it goes */
	int send_errno; /* not 0: nnlink_send fails so */
	bool connected; /* what nnlink_out_is_connected says */
	unsigned n_flushes;
	unsigned n_opened;
	char url[NNLINK_URL_CAP]; /* of the newest that was opened */

	/* The way from control. */
	unsigned n_peers; /* what nnlink_in_peers says */
	char commands_url[NNLINK_URL_CAP];
	size_t max_len;
	nnlink_fn *receive;
	void *receive_arg;
};

extern struct fake_links fake_links;

/* fake_links_begin - control is there; what is sent to it goes to sent. */
void fake_links_begin(void (*sent)(const void *p, size_t len));

#endif
