/*
 * early - calls of clients that are not back yet.
 *
 * Clients lose their control streams with the control that ended them, and
 * need a moment to come to the next one. Callers who wait at a node meanwhile
 * are shown to the new control before that: for a few seconds they are held,
 * so that a restart is a delay and no refusal.
 */
#ifndef CONTROL_EARLY_H
#define CONTROL_EARLY_H

#include <stdbool.h>
#include <stdint.h>

#include "common/tally.h"
#include "proto/addr.h"

/* As long as `carrick` waits at most between two attempts. */
#define EARLY_MS 10000

/* Nobody may fill this place alone, and no client has been asked yet. */
#define EARLY_MAX	 1024
#define EARLY_SOURCE_MAX (EARLY_MAX / 4)

struct control;

struct early {
	uint64_t until_ms; /* clients are expected back until then */
	uint32_t n;	   /* calls */
	struct tally sources;
};

/* early_init - nobody is expected. Returns 0; -1 with errno. */
int early_init(struct early *e);
void early_fini(struct early *e);

/* early_expect - there was an earlier control: a control stream of its has
 * ended, or a node it had came here. */
void early_expect(struct control *c);

/* early_left_ms - for how long clients are still expected; 0: they are not. */
uint64_t early_left_ms(const struct control *c);

/* early_take - one more call from source (addr_source), while early_left_ms.
 * Returns 0; -1: too many, or no memory. */
int early_take(struct early *e, const struct addr *source);

/* early_give - the client is there, or the call is over. */
void early_give(struct early *e, const struct addr *source);

#endif
