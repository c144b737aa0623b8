/*
 * publish - telling the operator the relay's URLs: one line each on stdout,
 * as soon as they are known.
 */
#ifndef CONTROL_PUBLISH_H
#define CONTROL_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/url.h"

enum { PUBLISH_MAX = 64 }; /* URLs; an advertise list is no longer */

struct control;
struct node;

struct publish {
	struct url urls[PUBLISH_MAX];
	size_t n;
};

/* publish_advertised - the URLs of config.advertise, if there are any. */
void publish_advertised(struct control *c);

/* publish_node - without config.advertise: the URLs that the first node's
 * listen addresses make, with a warning. Does nothing once there are any. */
void publish_node(struct control *c, const struct node *node);

#endif
