/*
 * callers - peers at node a who call client 7, and what it answers.
 */
#ifndef TESTS_UNIT_CONTROL_CALLERS_H
#define TESTS_UNIT_CONTROL_CALLERS_H

#include "tests/unit/control/world.h"

/* callers_set_up - two_nodes; nobody has called. */
void callers_set_up(void);

/* call_from, calls_from - a peer from 192.0.2.SOURCE, or n of them, call. Their
 * connections are numbered from 1 on. Returns the number. */
uint64_t call_from(uint8_t source);
void calls_from(unsigned n, uint8_t source);

/* next_conn - the number of a connection that has another purpose. */
uint64_t next_conn(void);

/* answer - the client answers the newest notice. */
void answer(void);

/* check_calls - so many wait for their turn, and for the client. */
void check_calls(uint32_t n_waiting, uint32_t n_pending);

#endif
