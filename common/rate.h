/*
 * rate - a token bucket. Time is what the caller says it is.
 */
#ifndef COMMON_RATE_H
#define COMMON_RATE_H

#include <stdint.h>

struct rate {
	uint64_t per_s; /* tokens a second; 0 = no limit */
	uint64_t burst; /* tokens at most */
	uint64_t tokens;
	uint64_t rest;	/* thousandths of a token not yet given */
	uint64_t at_ms; /* when tokens was true */
};

/* rate_init - a full bucket at now_ms. per_s 0 means no limit. */
void rate_init(struct rate *r, uint64_t per_s, uint64_t burst, uint64_t now_ms);

/* rate_available - tokens there at now_ms; UINT64_MAX without a limit. */
uint64_t rate_available(struct rate *r, uint64_t now_ms);

/* rate_take - n tokens out (n at most what is available). */
void rate_take(struct rate *r, uint64_t n);

/* rate_wait_ms - ms from now_ms until n tokens (at most burst) are there. */
uint64_t rate_wait_ms(struct rate *r, uint64_t n, uint64_t now_ms);

#endif
