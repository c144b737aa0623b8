/*
 * keyed - endless bytes that follow from a key: any stretch of them can be
 * made again, so a stream is sent and checked without being kept.
 */
#ifndef TESTS_E2E_CROWD_KEYED_H
#define TESTS_E2E_CROWD_KEYED_H

#include <stddef.h>
#include <stdint.h>

/* keyed_mix - a number that follows from key and n as if drawn by lot
 * (splitmix64). */
uint64_t keyed_mix(uint64_t key, uint64_t n);

/* keyed_fill - p is the stream's bytes from..from + len. */
void keyed_fill(uint64_t key, uint64_t from, void *p, size_t len);

/* keyed_check - how many bytes of p are the stream's from `from` on; len: all
 * of them. */
size_t keyed_check(uint64_t key, uint64_t from, const void *p, size_t len);

#endif
