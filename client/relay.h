/*
 * relay - the control stream of a client: registered with a relay, told of
 * each peer by a notice, and for ever registered anew when it breaks.
 */
#ifndef CLIENT_RELAY_H
#define CLIENT_RELAY_H

#include <openssl/ssl.h>
#include <stdint.h>

#include "client/fault.h"
#include "common/loop.h"
#include "proto/tx3.h"
#include "proto/url.h"

#define RELAY_USER_TIMEOUT_MS 20000 /* ms; TCP_USER_TIMEOUT */
#define RELAY_TICK_MS	      5000  /* between looks at the clocks */
/* A sleep that the relay has taken for our death: keepalive's idle time and
 * all its probes went by. After a shorter one keepalive finds out. */
#define RELAY_SLEPT_MS                  \
	(1000 * (TX3_KEEPALIVE_IDLE_S + \
		    TX3_KEEPALIVE_INTERVAL_S * TX3_KEEPALIVE_COUNT))
/* A stream that ends younger than this was not worth an early attempt: two
 * processes with one identity would replace each other without rest. But it
 * was a relay: one that is restarted again and again is found within seconds
 * each time. */
#define RELAY_YOUNG_MS	   10000
#define RELAY_YOUNG_CAP_MS 2000
/* So many in a row are hardly drains or restarts. */
#define RELAY_EARLY_ENDS 3

struct relay_events {
	/* the all-clear came: whoever knows our digest can reach us */
	void (*registered)(void *arg);
	/* a peer waits; the notice's token is to be said to addr, to where
	 * the control stream is */
	void (*peer)(void *arg, const struct tx3_notice *notice,
	    const struct addr *addr);
	/* the first registration showed that there is no use in trying */
	void (*hopeless)(void *arg, const struct fault *fault);
};

struct relay;

/*
 * relay_start - register, in later turns of the loop, and keep registered.
 *
 * A relay that can't be reached is tried again, the first time too: a service
 * may start before its network does. So is one that closes without a word: a
 * relay whose nodes are up before its control does that, and one at a limit,
 * and neither can be told from one that does not have url's key. Hopeless is,
 * as long as there was no registration, a shown key that is not url's
 * (EXITCODE_RELAY_KEY); later that is tried again too. Failures are logged
 * once an episode (client/episode.h).
 *
 * The notices' dialect is agreed on by ALPN: TX3_ALPN is offered, and a relay
 * that does not take it up sends TX3_NOTICE32. One that refuses it by its
 * alert is at once tried without.
 *
 * loop     on CLOCK_BOOTTIME, so that the machine's sleep counts.
 * url      borrowed until relay_free.
 * ctx      borrowed for the call; a client's.
 * fixed    the dialect of a relay with which none can be agreed on, borrowed
 *          until relay_free: nothing is offered then. NULL: agree.
 * events   borrowed until relay_free; none is called once hopeless was.
 * Returns  NULL with errno.
 */
struct relay *relay_start(struct loop *loop, const struct url *url,
    SSL_CTX *ctx, const enum tx3_dialect *fixed,
    const struct relay_events *events, void *arg);

/* relay_free - the control stream ends; NULL is fine. Not from an event. */
void relay_free(struct relay *r);

#endif
