#include "dataplane/pair.h"

#include <stdlib.h>

#include "common/fd.h"

static void
end_init(struct end *e, struct pair *p, int fd, bool is_unix)
{
	e->pair = p;
	e->fd = fd;
	e->is_unix = is_unix;
}

static void
leg_init(struct leg *l, struct end *from, struct end *to)
{
	l->pair = from->pair;
	l->from = from;
	l->to = to;
	l->state = LEG_READING;
}

struct pair *
pair_new(const int fds[2], const bool is_unix[2], const struct share *share,
    uint64_t idle_ms, uint64_t now_ms)
{
	struct pair *p = calloc(1, sizeof *p);

	if (p == NULL)
		return NULL;
	for (int i = 0; i < 2; i++)
		end_init(&p->ends[i], p, fds[i], is_unix[i]);
	for (int i = 0; i < 2; i++)
		leg_init(&p->legs[i], &p->ends[i], &p->ends[1 - i]);
	if (share != NULL)
		p->share = *share;
	p->reason = REASON_NONE;
	p->idle_ms = idle_ms;
	p->started_ms = p->moved_ms = now_ms;
	return p;
}

void
pair_free(struct pair *p)
{
	if (p == NULL)
		return;
	for (int i = 0; i < 2; i++)
		fd_close(&p->ends[i].fd);
	share_fini(&p->share);
	free(p);
}
