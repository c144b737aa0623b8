#include "dataplane/silence.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/log.h"
#include "common/route.h"
#include "dataplane/node.h"

void
silence_begin(struct node *n)
{
	n->link.silence = (struct silence){.since_ms = loop_now_ms(n->loop)};
}

static bool
is_due(unsigned n_ticks)
{
	return n_ticks % SILENCE_AGAIN == SILENCE_FIRST;
}

static uint64_t
lasts_ms(const struct node *n)
{
	return loop_now_ms(n->loop) - n->link.silence.since_ms;
}

/* What connect(2) says, which nanomsg keeps to itself. */
static const char *
try_way(const struct addr *to)
{
	if (to->port == 0) /* none is known, or over ipc:// */
		return "none";
	return route_try(to) == -1 ? strerror(errno) : "none at once";
}

void
silence_unreached(struct node *n)
{
	const struct uplink *u = &n->link.up;

	if (!is_due(++n->link.silence.n_unreached))
		return;
	log_warn("control-unreached",
	    "url=%s ms=%" PRIu64 " way=\"%s\" error=\"%s\" what=\"there is no "
	    "connection to control's events: is control there, and is this "
	    "its events_url?\"",
	    n->config.events_url, lasts_ms(n), uplink_way(u), try_way(&u->to));
}

void
silence_unanswered(struct node *n, const struct addr *commands)
{
	n->link.silence.n_unreached = 0;
	if (!is_due(++n->link.silence.n_hellos))
		return;
	if (n->sealed.on)
		log_warn("control-silent",
		    "url=%s ms=%" PRIu64 " what=\"no hello was answered: does "
		    "control's cluster key belong to this link_key, do its "
		    "nodes: list this name and network, and does it reach %s? "
		    "its log says more\"",
		    n->config.events_url, lasts_ms(n), log_addr(commands).s);
	else
		log_warn("control-silent",
		    "url=%s ms=%" PRIu64 " what=\"no hello was answered: is "
		    "control full, or does it stand still? its log says "
		    "more\"",
		    n->config.events_url, lasts_ms(n));
}
