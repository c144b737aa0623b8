/*
 * node_wait - a node says hello, and answers no WELCOME: what is known of why
 * is a word in the log, which nobody else could say.
 */
#ifndef CONTROL_NODE_WAIT_H
#define CONTROL_NODE_WAIT_H

#include <stdint.h>

struct control;
struct node;

/* How long before the first record, and until each further one. */
#define NODE_WAIT_FIRST_MS 5000
#define NODE_WAIT_AGAIN_MS 60000

/* Zeros: nothing is waited for. */
struct node_wait {
	uint64_t since_ms;    /* of the first WELCOME without an answer */
	uint64_t welcomed_ms; /* of the newest; long ago: begin anew */
	uint64_t said_ms;     /* the newest record; 0 = none */
};

/* node_wait_welcomed - a WELCOME was sent. In a session nothing is waited for:
 * the hello may be anybody's. */
void node_wait_welcomed(struct control *c, struct node *node);

#endif
