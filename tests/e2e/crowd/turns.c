#include "tests/e2e/crowd/turns.h"

#include <err.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/socket.h>

#include "common/fd.h"
#include "tests/bench/sock.h"
#include "tests/e2e/crowd/keyed.h"

#define BODY_LEN 4096 /* bytes each way of a complete one */

struct turns {
	struct guests *guests;
	atomic_uint_fast32_t next;
	uint32_t end;
};

/* One client's part. */
struct player {
	struct turns *turns;
	unsigned client;
	pthread_t thread;
};

/* How somebody leaves, by turns. */
enum leaving { BY_FIN, BY_RESET, LEAVINGS };

static void
leave(int fd, uint32_t number)
{
	if (number % LEAVINGS == BY_RESET && fd_reset_on_close(fd) == -1)
		err(1, "SO_LINGER");
	fd_close(&fd);
}

/* The relay closes fd, and says nothing before. */
static void
expect_end(int fd, uint32_t number, const char *whose)
{
	char byte;
	ssize_t n = recv(fd, &byte, 1, 0);

	if (n == 1)
		errx(1, "turn %" PRIu32 ": %s got a byte", number, whose);
	if (n == -1 && errno != ECONNRESET)
		err(1, "turn %" PRIu32 ": %s is not let go", number, whose);
	fd_close(&fd);
}

static void
say(int fd, uint32_t number)
{
	char body[BODY_LEN];

	keyed_fill(number, 0, body, sizeof body);
	sock_write(fd, body, sizeof body);
}

static void
hear(int fd, uint32_t number)
{
	char body[BODY_LEN];

	sock_read(fd, body, sizeof body);
	if (keyed_check(number, 0, body, sizeof body) != sizeof body)
		errx(1, "turn %" PRIu32 ": not the bytes that were sent",
		    number);
}

static void
complete(struct guests *g, unsigned client, uint32_t number)
{
	uint8_t token[TX3_TOKEN_LEN];
	int caller = guests_call(g, client, number, number);
	int callee;

	guests_token(g, client, token);
	callee = guests_come(g, token);
	if (guests_number(callee) != number)
		errx(1, "turn %" PRIu32 ": somebody else's call", number);
	say(caller, number);
	hear(callee, number);
	say(callee, number);
	hear(caller, number);
	leave(caller, number);
	expect_end(callee, number, "the client");
}

/* The client has the token already. Half of them come with it all the same:
 * to nobody, or to a caller who has said his last word. */
static void
abandon(struct guests *g, unsigned client, uint32_t number)
{
	uint8_t token[TX3_TOKEN_LEN];
	int caller = guests_call(g, client, number, number);
	uint32_t heard;
	int callee;

	guests_token(g, client, token);
	leave(caller, number);
	if (number / LEAVINGS % 2 == 0)
		return;
	callee = guests_come(g, token);
	if (recv(callee, &heard, sizeof heard, MSG_WAITALL) <= 0)
		fd_close(&callee);
	else
		expect_end(callee, number, "a client that came too late");
}

/* What a stranger's first bytes are: none, too few, or of nobody. */
static void
be_nobody(struct guests *g, uint32_t number)
{
	uint8_t first[TX3_PREAMBLE_LEN];
	static const size_t lengths[] = {0, 7, sizeof first};
	size_t len = lengths[number % 3];
	int fd = guests_dial(g, number);

	keyed_fill(~(uint64_t)number, 0, first, len);
	sock_write(fd, first, len);
	if (len == sizeof first)
		expect_end(fd, number, "a stranger");
	else
		leave(fd, number);
}

static void
take(struct guests *g, unsigned client, uint32_t turn)
{
	uint32_t round = turn / 3;

	switch (turn % 3) {
	case 0:
		complete(g, client, round);
		break;
	case 1:
		abandon(g, client, round);
		break;
	default:
		be_nobody(g, round);
		break;
	}
}

static void *
play(void *arg)
{
	struct player *p = arg;
	struct turns *t = p->turns;
	uint_fast32_t turn;

	while ((turn = atomic_fetch_add(&t->next, 1)) < t->end)
		take(t->guests, p->client, (uint32_t)turn);
	return NULL;
}

void
turns_run(struct guests *g, uint32_t first, uint32_t n)
{
	struct turns t = {.guests = g, .next = first, .end = first + n};
	struct player players[GUESTS_MAX];

	for (unsigned i = 0; i < g->n; i++) {
		players[i] = (struct player){.turns = &t, .client = i};
		errno =
		    pthread_create(&players[i].thread, NULL, play, &players[i]);
		if (errno != 0)
			err(1, "pthread_create");
	}
	for (unsigned i = 0; i < g->n; i++) {
		errno = pthread_join(players[i].thread, NULL);
		if (errno != 0)
			err(1, "pthread_join");
	}
}
