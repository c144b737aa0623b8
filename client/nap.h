/*
 * nap - how long the machine slept: what the one clock that goes on in sleep
 * is ahead of the other by.
 */
#ifndef CLIENT_NAP_H
#define CLIENT_NAP_H

#include <stdint.h>

struct nap {
	uint64_t
	    ever_ms; /* all sleep since the machine's start, as last seen */
};

/* nap_init - from now on. */
void nap_init(struct nap *n);

/* nap_take_ms - ms of sleep since this was last asked, or since nap_init. */
uint64_t nap_take_ms(struct nap *n);

#endif
