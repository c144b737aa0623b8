#include "client/episode.h"

#include <stdio.h>
#include <string.h>

void
episode_end(struct episode *e)
{
	memset(e, 0, sizeof *e);
}

/* Whether why is none of the reasons so far; then it is one of them. */
static bool
is_new_reason(struct episode *e, const char *why)
{
	char reason[EPISODE_REASON_CAP];

	(void)snprintf(reason, sizeof reason, "%s", why);
	for (size_t i = 0; i < e->n_reasons; i++) {
		if (strcmp(e->reasons[i], reason) == 0)
			return false;
	}
	if (e->n_reasons == EPISODE_REASONS_MAX)
		return false;
	memcpy(e->reasons[e->n_reasons++], reason, sizeof reason);
	return true;
}

static uint32_t
next_silence_ms(const struct episode *e)
{
	if (e->silence_ms == 0)
		return EPISODE_FIRST_MS;
	return e->silence_ms < EPISODE_CAP_MS / 2 ? e->silence_ms * 2
						  : EPISODE_CAP_MS;
}

bool
episode_note(struct episode *e, uint64_t now_ms, const char *why)
{
	bool is_new = is_new_reason(e, why);
	bool is_due = e->n == 0 || now_ms >= e->silent_until_ms;

	e->n++;
	if (is_due) {
		e->silence_ms = next_silence_ms(e);
		e->silent_until_ms = now_ms + e->silence_ms;
	}
	return is_due || is_new;
}
