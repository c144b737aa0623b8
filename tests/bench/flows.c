#include "tests/bench/flows.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "tests/bench/now.h"
#include "tests/bench/sock.h"

/* One send: small enough for a core's cache, so that reading the source costs
 * the generator little. */
#define SEND_LEN 262144
#define RECV_LEN 1048576 /* discarded in the kernel: no buffer behind it */

struct flow {
	unsigned number;
	struct route_ends ends;
	const char *source; /* SEND_LEN bytes, shared */
	uint64_t end_ns, max_bytes;
	uint64_t sent, received;
	_Atomic uint64_t total; /* UINT64_MAX: not known so far */
	pthread_t sender, receiver;
};

struct flows {
	struct route *route;
	char source[SEND_LEN];
	unsigned n;
	struct flow flow[FLOWS_MAX];
};

struct flows *
flows_new(const struct route_plan *plan, unsigned n)
{
	struct flows *f = calloc(1, sizeof *f);

	if (f == NULL)
		err(1, "calloc");
	memset(f->source, 's', sizeof f->source); /* pages of its own */
	f->route = route_new(plan);
	for (f->n = 0; f->n < n; f->n++) {
		struct flow *flow = &f->flow[f->n];

		flow->number = f->n;
		flow->source = f->source;
		flow->ends = route_open(f->route);
	}
	return f;
}

static _Noreturn void
broke(const struct flow *flow, const char *what, uint64_t bytes)
{
	if (errno == EAGAIN)
		errx(1, "flow %u, %s: no byte moved for %d s, after %" PRIu64,
		    flow->number, what, SOCK_TIMEOUT_S, bytes);
	err(1, "flow %u, %s after %" PRIu64 " bytes", flow->number, what,
	    bytes);
}

static void
send_one(struct flow *flow, size_t len)
{
	ssize_t n = send(flow->ends.caller, flow->source, len, MSG_NOSIGNAL);

	if (n == -1)
		broke(flow, "send", flow->sent);
	flow->sent += (uint64_t)n;
}

/* Some relays keep an end to themselves: so one more byte goes out once it is
 * known how many there are. */
static void *
send_all(void *arg)
{
	struct flow *flow = arg;

	while (flow->sent < flow->max_bytes - 1 && now_ns() < flow->end_ns) {
		uint64_t left = flow->max_bytes - 1 - flow->sent;

		send_one(flow, left < SEND_LEN ? (size_t)left : SEND_LEN);
	}
	atomic_store(&flow->total, flow->sent + 1);
	send_one(flow, 1);
	if (shutdown(flow->ends.caller, SHUT_WR) == -1)
		broke(flow, "shutdown", flow->sent);
	return NULL;
}

static void *
receive_all(void *arg)
{
	struct flow *flow = arg;
	ssize_t n = 1;

	/* tcp(7): MSG_TRUNC discards the bytes, the buffer is not touched */
	while (n > 0 && flow->received < atomic_load(&flow->total)) {
		n = recv(flow->ends.callee, NULL, RECV_LEN, MSG_TRUNC);
		if (n == -1)
			broke(flow, "recv", flow->received);
		flow->received += (uint64_t)n;
	}
	return NULL;
}

static void
start(pthread_t *thread, void *(*fn)(void *), struct flow *flow)
{
	errno = pthread_create(thread, NULL, fn, flow);
	if (errno != 0)
		err(1, "pthread_create");
}

static void
finish(struct flow *flow)
{
	errno = pthread_join(flow->sender, NULL);
	if (errno == 0)
		errno = pthread_join(flow->receiver, NULL);
	if (errno != 0)
		err(1, "pthread_join");
	if (flow->received != flow->sent)
		errx(1, "flow %u: %" PRIu64 " bytes sent, %" PRIu64 " received",
		    flow->number, flow->sent, flow->received);
}

struct flows_result
flows_run(struct flows *f, unsigned seconds, uint64_t max_bytes)
{
	struct flows_result result = {0};
	uint64_t began_ns = now_ns();

	for (unsigned i = 0; i < f->n; i++) {
		struct flow *flow = &f->flow[i];

		flow->end_ns = began_ns + seconds * NS_PER_S;
		flow->max_bytes = max_bytes;
		atomic_store(&flow->total, UINT64_MAX);
		start(&flow->receiver, receive_all, flow);
		start(&flow->sender, send_all, flow);
	}
	for (unsigned i = 0; i < f->n; i++) {
		finish(&f->flow[i]);
		result.bytes += f->flow[i].received;
	}
	result.ns = now_ns() - began_ns;
	return result;
}

void
flows_free(struct flows *f)
{
	if (f == NULL)
		return;
	for (unsigned i = 0; i < f->n; i++)
		route_close(&f->flow[i].ends);
	route_free(f->route);
	free(f);
}
