/*
 * siphash - SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input
 * PRF", 2012).
 */
#ifndef COMMON_SIPHASH_H
#define COMMON_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

/* siphash - the 64-bit hash of len bytes under key (k0, k1). */
uint64_t siphash(const uint64_t key[2], const void *p, size_t len);

#endif
