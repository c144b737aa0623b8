/*
 * link - the events pipeline: each message is decoded, matched to its node's
 * session and given to its handler. Every byte that comes here is hostile.
 */
#ifndef CONTROL_LINK_H
#define CONTROL_LINK_H

#include <stddef.h>

struct control;

/* link_open - bind the events pipeline at config.events_url.
 * Returns 0; -1 with errno as of nnlink_in_new. */
int link_open(struct control *c);
void link_close(struct control *c);

/* link_receive - one message; arg is the struct control. */
void link_receive(void *arg, const void *p, size_t len);

/* link_idle - a batch is done; arg is the struct control. */
void link_idle(void *arg);

#endif
