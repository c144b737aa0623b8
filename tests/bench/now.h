/*
 * now - a clock fine enough for one rendezvous.
 */
#ifndef TESTS_BENCH_NOW_H
#define TESTS_BENCH_NOW_H

#include <stdint.h>

#define NS_PER_S UINT64_C(1000000000)

/* now_ns - ns of CLOCK_MONOTONIC. */
uint64_t now_ns(void);

#endif
