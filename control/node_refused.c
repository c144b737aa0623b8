#include "control/node_refused.h"

#include <string.h>

#include "common/log.h"
#include "common/secret.h"
#include "common/siphash.h"
#include "control/control.h"

int
nodes_refused_init(struct nodes_refused *r)
{
	memset(r, 0, sizeof *r);
	return secret_random(r->hash_key, sizeof r->hash_key);
}

static struct node_refused_place *
place_of(struct nodes_refused *r, const char *name, enum event_drop why)
{
	uint64_t hash = siphash(r->hash_key, name, strlen(name));

	return &r->places[why][hash % NODE_REFUSED_PLACES];
}

enum event_drop
node_refused(
    struct control *c, const char *name, enum event_drop why, const char *what)
{
	struct node_refused_place *p = place_of(&c->nodes.refused, name, why);
	uint64_t now_ms = loop_now_ms(c->loop);

	p->times++;
	if (p->logged_ms != 0 && now_ms - p->logged_ms < NODE_REFUSED_LOG_MS)
		return why;
	log_warn("node-refused", "node=%s reason=%s times=%llu why=\"%s\"",
	    name, event_drop_name(why), (unsigned long long)p->times, what);
	p->logged_ms = now_ms;
	p->times = 0;
	return why;
}
