/*
 * publish - telling the operator the relay's URLs: one line each on stdout,
 * as soon as they are known. An identity whose clients speak notice50 has its
 * URLs in both spellings: their nodes read the later one alone.
 */
#ifndef CONTROL_PUBLISH_H
#define CONTROL_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>

#include "control/config.h"
#include "proto/ipc.h"
#include "proto/url.h"

/* Places where nodes can be reached: an advertise list is no longer, nor are
 * a node's listeners. */
enum { PUBLISH_PLACES_MAX = CONFIG_ADVERTISE_MAX };
_Static_assert((int)PUBLISH_PLACES_MAX >= (int)IPC_LISTEN_MAX,
    "all of a node's listeners can be published");

enum { PUBLISH_MAX = PUBLISH_PLACES_MAX * CONFIG_IDENTITIES_MAX * 2 };

struct control;
struct node;

struct published {
	struct url url;
	enum url_spelling spelling;
};

struct publish {
	struct published urls[PUBLISH_MAX];
	size_t n;
};

/* publish_advertised - the URLs of config.advertise, if there are any. */
void publish_advertised(struct control *c);

/* publish_node - without config.advertise: the URLs that the first node's
 * listen addresses make, with a warning. Does nothing once there are any. */
void publish_node(struct control *c, const struct node *node);

#endif
