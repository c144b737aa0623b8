/*
 * admission - how many sockets may be open, in all and per source network
 * (IPv4 /32, IPv6 /64), from accept to close, pending or paired. Control's own
 * connections, on the accept socket, have an allowance of their own, so that
 * no stranger can take theirs.
 */
#ifndef DATAPLANE_ADMISSION_H
#define DATAPLANE_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/tally.h"
#include "proto/addr.h"
#include "proto/reason.h"

/* A place that was taken; kept with the socket. */
struct admission {
	bool taken;
	bool local;
	struct addr source;
};

struct admissions {
	uint32_t n_public;
	uint32_t n_local;
	uint32_t max_public;
	uint32_t max_per_source;
	uint32_t max_local;
	struct tally sources;
};

/* admissions_init - Returns 0; -1 with errno. */
int admissions_init(struct admissions *as, uint32_t max_public,
    uint32_t max_per_source, uint32_t max_local);
void admissions_fini(struct admissions *as);

/*
 * admission_take - a place for one socket.
 *
 * a        out; written on NONE alone.
 * remote   where it came from; zeros if local.
 * Returns  NONE; LIMIT_CONNECTIONS, LIMIT_SOURCE or RESOURCES.
 */
enum reason admission_take(struct admissions *as, struct admission *a,
    const struct addr *remote, bool local);

/* admission_give - the place is free again; does nothing the second time. */
void admission_give(struct admissions *as, struct admission *a);

#endif
