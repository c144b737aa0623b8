/*
 * episode - a run of failures of one kind, and which of them deserve a line
 * in the log: the first, one for each reason, and now and then one that says
 * it still goes on.
 *
 * Pure: no descriptor, no heap, no log.
 */
#ifndef CLIENT_EPISODE_H
#define CLIENT_EPISODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EPISODE_FIRST_MS    60000   /* ms of silence after the first line, */
#define EPISODE_CAP_MS	    3600000 /* doubled after each, up to an hour */
#define EPISODE_REASONS_MAX 4	    /* that are told apart; a bound on lines */
#define EPISODE_REASON_CAP  128	    /* bytes of each that are compared */

struct episode {
	unsigned n; /* failures so far; 0: there is no episode */
	uint32_t silence_ms;
	uint64_t silent_until_ms;
	size_t n_reasons;
	char reasons[EPISODE_REASONS_MAX][EPISODE_REASON_CAP];
};

/* episode_end - all is well. */
void episode_end(struct episode *e);

/*
 * episode_note - it failed once more.
 *
 * now_ms   on any clock, the same for the whole episode.
 * Returns  whether that is to be logged.
 */
bool episode_note(struct episode *e, uint64_t now_ms, const char *why);

#endif
