#include "dataplane/leg.h"

#include <errno.h>
#include <sys/socket.h>

#include "common/loop.h"
#include "dataplane/move.h"
#include "dataplane/pipes.h"
#include "dataplane/stream.h"
#include "dataplane/worker.h"

struct leg *
leg_from(struct end *e)
{
	return &e->pair->legs[e == &e->pair->ends[0] ? 0 : 1];
}

struct leg *
leg_to(struct end *e)
{
	return &e->pair->legs[e == &e->pair->ends[0] ? 1 : 0];
}

/* Bytes that can't be delivered any more are nobody's: the pipe that holds
 * them is closed. */
static void
leg_release_pipe(struct leg *l)
{
	struct pipes *pipes = &l->pair->worker->pipes;

	if (l->pipe == NULL)
		return;
	if (l->in_pipe > 0)
		pipes_drop(pipes, l->pipe);
	else
		pipes_give(pipes, l->pipe);
	l->pipe = NULL;
	l->in_pipe = 0;
}

void
leg_finish(struct leg *l)
{
	leg_release_pipe(l);
	l->state = LEG_DONE;
}

void
end_died(struct end *e, int error)
{
	struct pair *p = e->pair;

	e->dead = true;
	leg_finish(leg_to(e));
	if (p->reason != REASON_NONE)
		return;
	p->reason = stream_reason(error);
	p->linger_until_ms = loop_now_ms(p->worker->loop) + LEG_LINGER_MS;
	if (loop_arm(p->worker->loop, &p->linger, LEG_LINGER_MS) == -1)
		p->linger_until_ms = 0; /* no memory to wait with */
}

static bool
is_last(const struct leg *l)
{
	const struct leg *legs = l->pair->legs;

	return legs[l == &legs[0] ? 1 : 0].state == LEG_DONE;
}

/* The end of the source. The last one is passed on by closing. Of a broken pair
 * it is passed on as a reset, later, since a reset socket reads like an ended
 * one once its error was told. */
static void
leg_pass_end(struct leg *l)
{
	leg_finish(l);
	if (l->pair->reason != REASON_NONE || is_last(l))
		return;
	if (shutdown(l->to->fd, SHUT_WR) == -1)
		end_died(l->to, errno);
}

static void
leg_apply(struct leg *l, enum move met)
{
	switch (met) {
	case MOVE_SOME:
		l->state = l->in_pipe > 0 ? LEG_WRITING : LEG_READING;
		break;
	case MOVE_ALL:
	case MOVE_DRY:
		l->state = LEG_READING;
		break;
	case MOVE_BLOCKED:
		l->state = LEG_WRITING;
		break;
	case MOVE_EOF:
		leg_pass_end(l);
		break;
	case MOVE_SOURCE_DIED:
		end_died(l->from, errno);
		leg_finish(l);
		break;
	case MOVE_SINK_DIED:
		end_died(l->to, errno);
		break;
	}
}

/* How much may be read now; 0 = none, the leg waits for its pair's turn. */
static size_t
leg_allowance(struct leg *l)
{
	struct pair *p = l->pair;
	size_t pipe_len = p->worker->pipes.pipe_len;
	uint64_t allowance;

	if (p->share.n == 0)
		return pipe_len;
	allowance = share_allowance(&p->share, loop_now_ms(p->worker->loop));
	if (allowance == 0)
		l->state = LEG_RATED;
	return allowance < pipe_len ? (size_t)allowance : pipe_len;
}

void
leg_go(struct leg *l, bool is_readable)
{
	struct worker *w = l->pair->worker;
	size_t left = LEG_ROUND_PIPES * w->pipes.pipe_len;
	enum move met = MOVE_SOME;

	while (met == MOVE_SOME && left > 0) {
		size_t n = 0, want = 0;

		if (l->in_pipe == 0 && (want = leg_allowance(l)) == 0)
			break;
		met = want == 0 ? move_out(l, &n)
				: move_in(l, want, is_readable, &n);
		is_readable = false;
		leg_apply(l, met);
		left -= n < left ? n : left;
		if (n > 0)
			l->pair->moved_ms = loop_now_ms(w->loop);
	}
	if (l->in_pipe == 0)
		leg_release_pipe(l);
}
