/*
 * stopwatch - how long a step took, fine enough for a loopback.
 */
#ifndef CLIENT_STOPWATCH_H
#define CLIENT_STOPWATCH_H

#include <stdint.h>

/* stopwatch_us - us of CLOCK_MONOTONIC. */
uint64_t stopwatch_us(void);

#endif
