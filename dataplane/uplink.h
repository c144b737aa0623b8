/*
 * uplink - the way to control's events: where it is, and the pipeline there.
 *
 * nanomsg finds control again by itself, and yet it is made anew every
 * UPLINK_RENEW_MS while there is no session: a name may stand for another
 * address by now, TCP would believe in an end that vanished without a word for
 * a quarter of an hour, and nanomsg for ever in a control that ended just when
 * it had greeted us (nnlink_out_is_connected).
 */
#ifndef DATAPLANE_UPLINK_H
#define DATAPLANE_UPLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/nnlink.h"
#include "proto/addr.h"

#define UPLINK_QUEUE_MAX 8192 /* messages that nanomsg does not take yet */
#define UPLINK_RENEW_MS	 3000

struct node;

struct uplink {
	struct nnlink_out *out;	   /* owned; NULL: no address yet */
	struct resolver *resolver; /* owned; NULL: nothing to look up */
	struct addr to;		   /* control, over tcp:// */
	uint64_t tried_ms; /* when out was made, or its name asked for */
	unsigned n_tried;  /* of a name's addresses */
	bool is_unknown;   /* the newest look-up found nothing */
};

/* uplink_start - of config.events_url: connect, or begin to look the name up.
 * Returns 0; -1 with errno. */
int uplink_start(struct node *n);

/* uplink_stop - zeros are fine. */
void uplink_stop(struct node *n);

/* uplink_renew - there is no session: make the way anew, if it is due. */
void uplink_renew(struct node *n);

/* uplink_way - why uplink_is_connected is false, in words for a log. Static
 * text. */
const char *uplink_way(const struct uplink *u);

/* uplink_is_connected, uplink_send, uplink_flush - as nnlink_out's; without an
 * address there is nobody there. */
bool uplink_is_connected(const struct uplink *u);
int uplink_send(struct uplink *u, const void *p, size_t len);
void uplink_flush(struct uplink *u);

/*
 * uplink_here - *a as control can reach it: what the configuration advertises
 * in its place, or with the address from which we reach control in the place
 * of an unspecified one. Left as it is if that is of the other family.
 *
 * advertised  checked when it was read; "" = nothing.
 * is_dual  whether [::] takes IPv4 as well.
 */
struct addr uplink_here(const struct uplink *u, const char *advertised,
    const struct addr *a, bool is_dual);

/* uplink_check_url - whether a text is a place where control can be: what
 * nnlink_check_connect takes, or a name in a literal's place. Returns NULL;
 * else what is allowed. */
const char *uplink_check_url(const char *url);

#endif
