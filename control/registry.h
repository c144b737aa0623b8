/*
 * registry - the clients of each frontend, by digest: the control stream each
 * has, the calls that wait for it, the pairs it is charged for.
 *
 * The key is the frontend's number and the digest's first 20 bytes, since that
 * much is in a pair's tag and all that a new control learns of a client whose
 * pairs it takes over. 160 bits can't be made to collide with somebody else's;
 * one that does all the same is refused.
 */
#ifndef CONTROL_REGISTRY_H
#define CONTROL_REGISTRY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/deadline.h"
#include "common/table.h"
#include "control/pairs.h"
#include "control/quota.h"
#include "proto/digest.h"

/* Clients with a stream, a call or a pair; and how many of them there may be
 * when one more is known only by what a node says of its pairs: as many as
 * there can be control streams have room beside them. */
#define REGISTRY_MAX	    (2 * REGISTRY_LISTED_MAX)
#define REGISTRY_LISTED_MAX 65536

/* The frontend's number, then PAIR_PREFIX_LEN bytes of the digest. */
#define REGISTRY_KEY_LEN (1 + PAIR_PREFIX_LEN)

struct control;
struct frontend;
struct stream;

/* Lives while it has a stream, a call or a pair. */
struct client {
	struct control *control;
	uint8_t frontend;	    /* its number; there need not be one */
	uint8_t digest[DIGEST_LEN]; /* behind PAIR_PREFIX_LEN: if is_known */
	bool is_known;
	struct stream *stream; /* borrowed; NULL: not registered now */
	struct quota quota;
	struct call_queue calls; /* owned, oldest first */
	uint32_t n_unknown;	 /* of its pairs: pairs_lose */
	struct deadline turn;	 /* when the next call may be announced */
	uint64_t bytes;		 /* moved by pairs that ended */
};

struct registry {
	struct table clients; /* REGISTRY_KEY_LEN bytes → struct client */
};

/* registry_init - empty. Returns 0; -1 with errno. */
int registry_init(struct registry *r);

/* registry_fini - after all streams, calls and pairs are gone. */
void registry_fini(struct registry *r);

/* registry_find - f's client that has a control stream and this digest; NULL.
 */
struct client *registry_find(const struct registry *r, const struct frontend *f,
    const uint8_t digest[DIGEST_LEN]);

/*
 * registry_expect - the client of f that digest will be if it comes back from
 * an earlier control (early.h). Made if it is not there: call_begin takes it
 * over. What is behind the prefix is not compared, since whoever registers
 * decides it. Returns it, borrowed; NULL: none is expected now.
 */
struct client *registry_expect(struct control *c, const struct frontend *f,
    const uint8_t digest[DIGEST_LEN]);

/*
 * registry_register - from now on stream is how to reach digest.
 *
 * stream   borrowed until registry_unregister; its client is set.
 * Does     a stream that had this digest before is ended, REPLACED; the
 *          calls that wait and the pairs stay.
 * Returns  NULL; a sentence why the digest can't be registered: it is a
 *          relay's own, or what connections of another protocol begin with.
 */
const char *registry_register(
    struct control *c, struct stream *stream, const uint8_t digest[DIGEST_LEN]);

/*
 * registry_unregister - stream has ended. Unless another has replaced it, its
 * calls end (CLIENT_GONE); pairs live on.
 *
 * comes_back  the client was sent to another node: its calls wait for it.
 */
void
registry_unregister(struct control *c, struct stream *stream, bool comes_back);

/* registry_end_calls - those that wait for clients that have no control stream
 * now, SHUTDOWN. */
void registry_end_calls(struct control *c);

/* client_charge_pair - charge the client of that frontend's number with this
 * prefix, known or not, for a pair that is there. Returns it, borrowed; NULL
 * without memory, or for one more client beyond REGISTRY_LISTED_MAX. */
struct client *client_charge_pair(
    struct control *c, uint8_t frontend, const uint8_t prefix[PAIR_PREFIX_LEN]);

/* client_give_pair - a pair it was charged for is over (quota_give_pair);
 * client may be freed. */
void client_give_pair(
    struct control *c, struct client *client, struct caller *caller);

/* client_settle - free it if nothing is left that needs it. */
void client_settle(struct control *c, struct client *client);

#endif
