/*
 * fake_clock - the clock that tests move by hand; link with WRAP clock_now_ms.
 */
#ifndef TESTS_UNIT_DATAPLANE_FAKE_CLOCK_H
#define TESTS_UNIT_DATAPLANE_FAKE_CLOCK_H

#include <stdint.h>

/* What clock_now_ms says; begins at 1,000,000. */
extern uint64_t fake_now_ms;

#endif
