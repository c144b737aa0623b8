/*
 * dial - a TCP connection to a host: its addresses in their order, each for a
 * time, until one answers; then the 32 bytes that a relay wants first.
 */
#ifndef CLIENT_DIAL_H
#define CLIENT_DIAL_H

#include <stddef.h>
#include <stdint.h>

#include "common/loop.h"
#include "proto/addr.h"
#include "proto/tx3.h"

#define DIAL_MS 5000 /* ms for each address; a lost SYN is sent again twice */

#define DIAL_WHY_CAP 256

struct dialled {
	int fd; /* non-blocking, close-on-exec, TX3's keepalive, no delay */
	struct addr addr;    /* that answered */
	uint64_t resolve_us; /* until the name's addresses were there */
	uint64_t connect_us; /* from then to the connection */
};

/*
 * dial_fn - how it went. The dial is gone when this is called.
 *
 * got  borrowed, its fd taken over; NULL on failure.
 * why  borrowed; on failure "HOST:PORT: what was said", of the last address.
 */
typedef void dial_fn(void *arg, const struct dialled *got, const char *why);

struct dial;

/*
 * dial_start - begin; fn is called once, in a later turn of the loop.
 *
 * host      name or literal without brackets; copied.
 * preamble  TX3_PREAMBLE_LEN bytes to send first, copied; NULL: none.
 * Returns   NULL with errno.
 */
struct dial *dial_start(struct loop *loop, const char *host, uint16_t port,
    const uint8_t *preamble, dial_fn *fn, void *arg);

/* dial_start_addr - the same to one address. */
struct dial *dial_start_addr(struct loop *loop, const struct addr *addr,
    const uint8_t *preamble, dial_fn *fn, void *arg);

/*
 * dial_say - send the first bytes on a fresh connection, whose buffer has room
 * for them.
 *
 * len      at most 512.
 * Returns  0; -1 with errno, ENOBUFS when not all of it was taken.
 */
int dial_say(int fd, const void *p, size_t len);

/* dial_cancel - forget it; fn is not called. NULL is fine. */
void dial_cancel(struct dial *d);

#endif
