/*
 * admission - how many sockets may be open, in all and per source network
 * (IPv4 /32, IPv6 /64), from accept to close, pending or paired. Control's own
 * connections, on the accept socket, have an allowance of their own, so that
 * no stranger can take theirs; so have those that this node opens, since who
 * reaches accept_listen could take the places of what comes in there. A
 * balancer's source is everybody behind it: such sources are exempt from the
 * limit of one.
 */
#ifndef DATAPLANE_ADMISSION_H
#define DATAPLANE_ADMISSION_H

#include <stdbool.h>
#include <stdint.h>

#include "common/networks.h"
#include "common/tally.h"
#include "proto/addr.h"
#include "proto/reason.h"

enum admission_kind {
	ADMISSION_PUBLIC,
	ADMISSION_LOCAL,   /* on the accept socket */
	ADMISSION_ACCEPT,  /* on accept_listen */
	ADMISSION_SIBLING, /* to a sibling's */
	ADMISSION_KINDS
};

/* A place that was taken; kept with the socket. */
struct admission {
	bool taken;
	enum admission_kind kind;
	bool is_counted;    /* public, and of no exempt network */
	struct addr source; /* ADMISSION_PUBLIC; exempt: the address itself */
};

struct admissions {
	uint32_t n[ADMISSION_KINDS];
	uint32_t max[ADMISSION_KINDS];
	uint32_t max_per_source;
	struct tally sources;
	struct networks exempt;
};

/* admissions_init - max: of each kind; exempt: networks whose sources are not
 * counted (networks_init). Returns 0; -1 with errno. */
int admissions_init(struct admissions *as, const uint32_t max[ADMISSION_KINDS],
    uint32_t max_per_source, const struct conf_list *exempt);
void admissions_fini(struct admissions *as);

/*
 * admission_take - a place for one socket.
 *
 * a        out; written on NONE alone.
 * remote   where it came from; for ADMISSION_PUBLIC alone.
 * Returns  NONE; LIMIT_CONNECTIONS, LIMIT_SOURCE or RESOURCES.
 */
enum reason admission_take(struct admissions *as, struct admission *a,
    const struct addr *remote, enum admission_kind kind);

/* admission_give - the place is free again; does nothing the second time. */
void admission_give(struct admissions *as, struct admission *a);

#endif
