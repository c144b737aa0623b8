/*
 * turns - rendezvous one after the other by each of many clients: a third
 * complete, a third of callers who leave while they wait, a third of
 * strangers whose first bytes are nobody's.
 */
#ifndef TESTS_E2E_CROWD_TURNS_H
#define TESTS_E2E_CROWD_TURNS_H

#include <stdint.h>

#include "tests/e2e/crowd/guests.h"

/* turns_run - the turns first..first + n, shared by the clients, each in a
 * thread of its own; until all are over. */
void turns_run(struct guests *g, uint32_t first, uint32_t n);

#endif
