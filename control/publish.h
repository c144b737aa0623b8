/*
 * publish - telling the operator the relay's URLs: one line each on stdout,
 * as soon as they are known. What they look like is their frontend's.
 */
#ifndef CONTROL_PUBLISH_H
#define CONTROL_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>

#include "control/config.h"
#include "control/frontend.h"
#include "control/identities.h"
#include "proto/addr.h"
#include "proto/ipc.h"

/* Places where nodes can be reached: an advertise list is no longer, nor are
 * a node's listeners. */
enum { PUBLISH_PLACES_MAX = CONFIG_ADVERTISE_MAX };
_Static_assert((int)PUBLISH_PLACES_MAX >= (int)IPC_LISTEN_MAX,
    "all of a node's listeners can be published");

/* An identity may have its URLs in two spellings. */
enum { PUBLISH_MAX = PUBLISH_PLACES_MAX * IDENTITIES_MAX * 2 };

/* A host, a digest, a port and what is put between them. */
enum { PUBLISH_TEXT_CAP = ADDR_JOINED_CAP + FRONTEND_ID_CAP + 32 };

struct control;
struct node;

struct published {
	const struct relay_identity *who; /* borrowed */
	char text[PUBLISH_TEXT_CAP];
};

struct publish {
	struct published urls[PUBLISH_MAX];
	size_t n;
};

/* publish_advertised - the URLs of config.advertise, if there are any. */
void publish_advertised(struct control *c);

/* publish_url - one more, from a frontend's publish. */
void publish_url(
    struct control *c, const struct relay_identity *who, const char *text);

/* publish_port - at which port others reach the nodes who dialled this one of
 * a node's: this one, unless it is not among those that are advertised. */
uint16_t publish_port(const struct control *c, uint16_t local);

/* publish_node - without config.advertise: the URLs that the first node's
 * listen addresses make, with a warning. Does nothing once there are any. */
void publish_node(struct control *c, const struct node *node);

#endif
