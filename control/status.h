/*
 * status - everything that an operator asks, as one JSON text, schema 1:
 *
 *	schema		1
 *	version		text
 *	uptime_s	number
 *	identities	[{digest, dialect, retiring, urls: [text]}]
 *	nodes		[{name, state: "ready" | "draining" | "away", build,
 *			  session_s, drain_left_s, listeners: [text], pending,
 *			  pairs, unknown, figures: {}}]
 *	clients		[{digest, registered, since_s, source, waiting,
 *			  pending, pairs, unknown, bytes}]
 *	limits		{key of control.yml: number}
 *	counters	{family: {reason: number}, …}
 *
 * unknown: of pairs, those whose node was lost, and has not named them since.
 *
 * A later version may add keys, and changes none without another schema.
 */
#ifndef CONTROL_STATUS_H
#define CONTROL_STATUS_H

#include <jansson.h>

struct control;

/* status_new - owned by the caller (json_decref); NULL without memory. */
json_t *status_new(const struct control *c);

#endif
