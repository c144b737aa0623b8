#include "client/tunnel.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/watch.h"

enum flow_state {
	FLOW_OPEN,   /* more may come from the source */
	FLOW_ENDING, /* the source has ended: flush, then finish */
	FLOW_CUT,    /* the source has failed: flush */
	FLOW_DONE
};

/* One way: from a leg to the other. */
struct flow {
	enum flow_state state;
	size_t off; /* what is written of buf */
	size_t len; /* what is read into it */
	uint64_t n_bytes;
	unsigned read_wants;  /* of the source; WATCH_… */
	unsigned write_wants; /* of the destination */
	uint8_t buf[TUNNEL_BUFFER_CAP];
};

struct leg {
	struct stream stream;
	struct watch in;
	struct watch out; /* unused where in and out are one descriptor */
	struct flow flow; /* what this leg says */
	bool broken;	  /* a write to it failed */
};

struct tunnel {
	struct loop *loop;
	struct leg legs[2];
	struct deadline flush; /* after a fault, or a side's end */
	bool faulty;
	struct tunnel_result result;
	tunnel_fn *fn;
	void *arg;
};

static unsigned
wants_of(enum stream_answer answer)
{
	return answer == STREAM_WANT_READ ? WATCH_READ : WATCH_WRITE;
}

static void
flow_enter(struct flow *f, enum flow_state state)
{
	if (state > f->state)
		f->state = state;
	if (f->state == FLOW_CUT && f->off == f->len)
		f->state = FLOW_DONE; /* nothing is left to be said */
}

static void
note_fault(struct tunnel *t, unsigned i, enum stream_answer answer)
{
	struct tunnel_result *r = &t->result;

	if (t->faulty)
		return;
	t->faulty = true;
	r->leg = i;
	r->how = answer;
	memcpy(r->why, t->legs[i].stream.why, sizeof r->why);
	/* without a timer there is no flushing */
	if (loop_arm(t->loop, &t->flush, TUNNEL_FLUSH_MS) == -1) {
		flow_enter(&t->legs[0].flow, FLOW_DONE);
		flow_enter(&t->legs[1].flow, FLOW_DONE);
	}
}

static void
read_failed(struct tunnel *t, unsigned i, enum stream_answer answer)
{
	note_fault(t, i, answer);
	flow_enter(&t->legs[i].flow, FLOW_CUT);
	flow_enter(&t->legs[1 - i].flow, FLOW_DONE);
}

static bool
is_plain_socket(const struct stream *s)
{
	return s->ssl == NULL && s->in.fd == s->out.fd;
}

/*
 * What a plain socket said before it reset us is still there to be read (an
 * HTTP server answers early and closes). An SSL is of no use after an error,
 * and standard input might never end.
 */
static void
write_failed(struct tunnel *t, unsigned i, enum stream_answer answer)
{
	struct leg *leg = &t->legs[i];

	leg->broken = true;
	note_fault(t, i, answer);
	flow_enter(&t->legs[1 - i].flow, FLOW_DONE);
	if (!is_plain_socket(&leg->stream) && leg->flow.state == FLOW_OPEN)
		flow_enter(&leg->flow, FLOW_CUT);
}

/* Read into the buffer's rest. Returns whether anything came of it. */
static bool
fill(struct tunnel *t, unsigned i)
{
	struct leg *leg = &t->legs[i];
	struct flow *f = &leg->flow;
	enum stream_answer answer;
	size_t n = 0;

	if (f->state != FLOW_OPEN || f->len == sizeof f->buf)
		return false;
	answer = stream_read(
	    &leg->stream, f->buf + f->len, sizeof f->buf - f->len, &n);
	switch (answer) {
	case STREAM_OK:
		f->len += n;
		f->n_bytes += n;
		return true;
	case STREAM_WANT_READ:
	case STREAM_WANT_WRITE:
		f->read_wants = wants_of(answer);
		return false;
	case STREAM_END:
		/* a reset that a write has seen already looks like an end */
		flow_enter(f, leg->broken ? FLOW_CUT : FLOW_ENDING);
		return true;
	case STREAM_CUT:
	case STREAM_ALERT:
	case STREAM_FAILED:
		break;
	}
	read_failed(t, i, answer);
	return true;
}

static void
flow_wrote(struct flow *f, size_t n)
{
	f->off += n;
	if (f->off < f->len)
		return;
	f->off = f->len = 0;
	if (f->state == FLOW_CUT)
		flow_enter(f, FLOW_DONE);
}

/* Write what is in the buffer, or the end behind it. */
static bool
drain(struct tunnel *t, unsigned i)
{
	struct flow *f = &t->legs[i].flow;
	struct stream *to = &t->legs[1 - i].stream;
	enum stream_answer answer;
	size_t n = 0;

	if (f->state == FLOW_DONE)
		return false;
	if (f->off < f->len)
		answer = stream_write(to, f->buf + f->off, f->len - f->off, &n);
	else if (f->state == FLOW_ENDING)
		answer = stream_finish(to);
	else
		return false;
	switch (answer) {
	case STREAM_OK:
		if (n == 0)
			flow_enter(f, FLOW_DONE);
		flow_wrote(f, n);
		return true;
	case STREAM_WANT_READ:
	case STREAM_WANT_WRITE:
		f->write_wants = wants_of(answer);
		return false;
	case STREAM_END:
	case STREAM_CUT:
	case STREAM_ALERT:
	case STREAM_FAILED:
		break;
	}
	write_failed(t, 1 - i, answer);
	return true;
}

/* Move what leg i says until both ends say wait. Returns whether there was
 * more than one turn's worth. */
static bool
pump(struct tunnel *t, unsigned i)
{
	struct flow *f = &t->legs[i].flow;
	uint64_t stop_at = f->n_bytes + TUNNEL_TURN_MAX;
	bool filled, drained;

	do {
		f->read_wants = f->write_wants = 0;
		filled = fill(t, i);
		drained = drain(t, i);
		if (f->state == FLOW_DONE)
			return false;
	} while ((filled || drained) && f->n_bytes < stop_at);
	return filled || drained;
}

/* Level-triggered: exactly what the last try of each way waits for. */
static int
set_interest(struct tunnel *t, unsigned i)
{
	struct leg *leg = &t->legs[i];
	unsigned in = 0, out = 0;

	if (leg->flow.state != FLOW_DONE)
		in = leg->flow.read_wants;
	if (t->legs[1 - i].flow.state != FLOW_DONE)
		out = t->legs[1 - i].flow.write_wants;
	if (leg->out.fd == -1)
		return watch_set(
		    &leg->in, in | out ? in | out : (unsigned)WATCH_RESET);
	if (watch_set(&leg->in, in) == -1)
		return -1;
	return watch_set(&leg->out, out);
}

static void
release(struct tunnel *t, bool orderly)
{
	for (unsigned i = 0; i < 2; i++) {
		watch_fini(&t->legs[i].in);
		watch_fini(&t->legs[i].out);
		if (orderly)
			stream_close(&t->legs[i].stream);
		else
			stream_abort(&t->legs[i].stream);
	}
	loop_disarm(t->loop, &t->flush);
	free(t);
}

static void
end(struct tunnel *t)
{
	struct tunnel_result result = t->result;
	tunnel_fn *fn = t->fn;
	void *arg = t->arg;

	result.finished = !t->faulty;
	result.n_bytes[0] = t->legs[0].flow.n_bytes;
	result.n_bytes[1] = t->legs[1].flow.n_bytes;
	release(t, result.finished);
	fn(arg, &result);
}

static void
give_up(struct tunnel *t, unsigned i)
{
	(void)snprintf(
	    t->legs[i].stream.why, STREAM_WHY_CAP, "%s", strerror(errno));
	note_fault(t, i, STREAM_FAILED);
	end(t);
}

/* A leg that nothing is wanted from would not show its reset otherwise. */
static void
look_for_reset(struct tunnel *t, unsigned i)
{
	struct leg *leg = &t->legs[i];

	if (!(leg->in.interest & WATCH_RESET) || leg->broken ||
	    !stream_is_reset(&leg->stream))
		return;
	(void)snprintf(
	    leg->stream.why, STREAM_WHY_CAP, "%s", strerror(ECONNRESET));
	write_failed(t, i, STREAM_FAILED);
}

static bool
is_done(const struct tunnel *t)
{
	return t->legs[0].flow.state == FLOW_DONE &&
	       t->legs[1].flow.state == FLOW_DONE;
}

/* A side has ended: what is left must not be silent for ever. Every turn is
 * one of which something has come. */
static int
limit_silence(struct tunnel *t)
{
	if (t->faulty || (t->legs[0].flow.state == FLOW_OPEN &&
			     t->legs[1].flow.state == FLOW_OPEN))
		return 0;
	return loop_arm(t->loop, &t->flush, TUNNEL_HALF_MS);
}

static void
on_ready(void *arg)
{
	struct tunnel *t = arg;
	bool more = false;

	for (unsigned i = 0; i < 2; i++)
		look_for_reset(t, i);
	for (unsigned i = 0; i < 2; i++)
		more |= pump(t, i);
	if (is_done(t)) {
		end(t);
		return;
	}
	for (unsigned i = 0; i < 2; i++) {
		if (set_interest(t, i) == -1) {
			give_up(t, i);
			return;
		}
	}
	if ((more && watch_again(&t->legs[0].in) == -1) ||
	    limit_silence(t) == -1)
		give_up(t, 0);
}

static void
on_flush_timeout(struct deadline *d, void *arg)
{
	struct tunnel *t = arg;
	unsigned silent = t->legs[0].flow.state == FLOW_OPEN ? 0 : 1;

	(void)d;
	if (!t->faulty) {
		(void)snprintf(t->legs[silent].stream.why, STREAM_WHY_CAP,
		    "silent for %d min after the other side's end",
		    TUNNEL_HALF_MS / 60000);
		note_fault(t, silent, STREAM_FAILED);
	}
	end(t);
}

static void
leg_init(struct tunnel *t, unsigned i, const struct stream *s)
{
	struct leg *leg = &t->legs[i];

	leg->stream = *s;
	watch_init(&leg->in, t->loop, s->in.fd, on_ready, t);
	watch_init_none(&leg->out);
	if (s->out.fd != s->in.fd)
		watch_init(&leg->out, t->loop, s->out.fd, on_ready, t);
}

struct tunnel *
tunnel_start(
    struct loop *loop, const struct stream legs[2], tunnel_fn *fn, void *arg)
{
	struct stream copies[2] = {legs[0], legs[1]};
	struct tunnel *t = calloc(1, sizeof *t);

	if (t == NULL) {
		stream_abort(&copies[0]);
		stream_abort(&copies[1]);
		errno = ENOMEM;
		return NULL;
	}
	t->loop = loop;
	t->fn = fn;
	t->arg = arg;
	deadline_init(&t->flush, on_flush_timeout, t);
	leg_init(t, 0, &legs[0]);
	leg_init(t, 1, &legs[1]);
	if (watch_again(&t->legs[0].in) == -1) {
		tunnel_cancel(t);
		errno = ENOMEM;
		return NULL;
	}
	return t;
}

void
tunnel_cancel(struct tunnel *t)
{
	if (t != NULL)
		release(t, false);
}
