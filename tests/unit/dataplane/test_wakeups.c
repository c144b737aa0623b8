/*
 * No wake-up is lost: readers and writers of 64 pairs stop and start at random
 * while two workers, in their own threads, pump. Now and then nobody writes
 * any more, and all that was written has to arrive by itself: an event that
 * was missed would be made up for by the next one otherwise.
 *
 * A watchdog looks at the sockets under test meanwhile: a way whose source is
 * readable and whose sink is writable must not stand still for a second.
 *
 * CARRICK_SEED repeats a run as far as threads can be repeated.
 */
#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "dataplane/pump.h"
#include "dataplane/worker.h"
#include "tests/unit/dataplane/sockets.h"

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define STEPS	 20000
#define STILL_MS 5000
#else
#define STEPS	 334000 /* for each pool: a million in all */
#define STILL_MS 1000
#endif
#define STEPS_A_DRAIN 4096
#define WATCH_MS      20

#define PAIRS	     64
#define WAYS	     (2 * PAIRS)
#define WORKERS	     2
#define PIPE_LEN     16384
#define CHUNK_MAX    16384
#define PATTERN_LEN  65521 /* a prime: no power of 2 hides in it */
#define RATED_PER_S  (64 << 20)
#define UNIX_BUF_LEN 8192
#define TCP_BUF_LEN  32768
#define FDS_MAX	     1024 /* descriptors here are below */

/* One direction of a pair, seen from outside. */
struct way {
	int writer; /* the test's end that writes */
	int source; /* what the pump reads from */
	int sink;   /* what the pump writes to */
	int reader; /* the test's other end */
	bool writes;
	bool reads;
	uint64_t n_written;
	uint64_t n_read;
	uint64_t moved;	   /* bytes, when the watchdog last looked */
	uint64_t moved_ms; /* when that was last in order */
};

static struct loop *main_loop;
static struct mailbox over;
static struct worker workers[WORKERS];
static struct shares shares;
static struct way ways[WAYS];
static int n_ended;
static uint8_t pattern[PATTERN_LEN + CHUNK_MAX];
static uint64_t seed;

/* Bytes that went to each descriptor, counted where they go. */
static _Atomic uint64_t moved_to[FDS_MAX];

ssize_t __real_splice(int from, off64_t *from_off, int to, off64_t *to_off,
    size_t len, unsigned flags);
ssize_t __wrap_splice(int from, off64_t *from_off, int to, off64_t *to_off,
    size_t len, unsigned flags);
ssize_t __real_send(int fd, const void *p, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *p, size_t len, int flags);

static ssize_t
count(int to, ssize_t n)
{
	ck_assert_int_lt(to, FDS_MAX);
	if (n > 0)
		atomic_fetch_add(&moved_to[to], (uint64_t)n);
	return n;
}

ssize_t
__wrap_splice(int from, off64_t *from_off, int to, off64_t *to_off, size_t len,
    unsigned flags)
{
	return count(to, __real_splice(from, from_off, to, to_off, len, flags));
}

ssize_t
__wrap_send(int fd, const void *p, size_t len, int flags)
{
	return count(fd, __real_send(fd, p, len, flags));
}

/* xorshift64*; below n. */
static size_t
below(size_t n)
{
	seed ^= seed >> 12;
	seed ^= seed << 25;
	seed ^= seed >> 27;
	return (size_t)((seed * UINT64_C(2685821657736338717)) >> 33) % n;
}

static void
begin_random(void)
{
	const char *text = getenv("CARRICK_SEED");

	seed = text != NULL ? strtoull(text, NULL, 10) : clock_now_ms();
	seed |= 1; /* 0 would stay 0 */
	(void)printf("CARRICK_SEED=%" PRIu64 "\n", seed);
	(void)fflush(stdout); /* before a crash */
}

static void
on_ended(void *arg, struct pair *p)
{
	const struct way *w = &ways[2 * p->tag[0]];

	(void)arg;
	ck_assert_int_eq(p->reason, REASON_FINISHED);
	ck_assert_uint_eq(p->legs[0].bytes, w[0].n_written);
	ck_assert_uint_eq(p->legs[1].bytes, w[1].n_written);
	pair_free(p);
	n_ended++;
}

/* Small buffers, so that both sides of the pump block often. */
static void
make_sockets(int fds[2], bool local)
{
	const int len = local ? UNIX_BUF_LEN : TCP_BUF_LEN;

	(local ? sockets_unix : sockets_tcp)(fds);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(fd_set_nonblock(fds[i]), 0);
		ck_assert_int_eq(
		    setsockopt(fds[i], SOL_SOCKET, SO_SNDBUF, &len, sizeof len),
		    0);
		ck_assert_int_eq(
		    setsockopt(fds[i], SOL_SOCKET, SO_RCVBUF, &len, sizeof len),
		    0);
	}
}

/* Some pairs of each worker have a rate of their own and another together. */
static struct share
make_share(uint8_t i)
{
	const struct ipc_limits limits = {
	    .n_rates = (i & 28) == 28 ? 2 : 0,
	    .rates = {{IPC_GROUP_OWN, RATED_PER_S}, {7, 2 * RATED_PER_S}},
	};
	struct share share;

	ck_assert_int_eq(
	    share_init(&share, &shares, &limits, clock_now_ms()), 0);
	return share;
}

/* The four kinds of pairs in turn, and some of each with a rate. */
static void
make_pair(uint8_t i)
{
	const bool local[2] = {(i & 1) != 0, (i & 2) != 0};
	struct share share = make_share(i);
	int a[2], b[2];
	struct pair *p;

	make_sockets(a, local[0]);
	make_sockets(b, local[1]);
	ways[2 * i] = (struct way){
	    .writer = a[OURS], .source = a[THEIRS], b[THEIRS], b[OURS]};
	ways[2 * i + 1] = (struct way){
	    .writer = b[OURS], .source = b[THEIRS], a[THEIRS], a[OURS]};
	p = pair_new((const int[]){a[THEIRS], b[THEIRS]}, local, &share, 0,
	    clock_now_ms());
	ck_assert_ptr_nonnull(p);
	p->tag[0] = i;
	ways[2 * i].moved_ms = ways[2 * i + 1].moved_ms = clock_now_ms();
	worker_take(&workers[i % WORKERS], p);
}

static void
begin(size_t n_pipes)
{
	begin_random();
	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = i < PATTERN_LEN ? (uint8_t)below(256)
					     : pattern[i - PATTERN_LEN];
	ck_assert_int_eq(shares_init(&shares, 1), 0);
	main_loop = loop_new();
	ck_assert_int_eq(
	    mailbox_init(&over, main_loop, on_ended, NULL, NULL), 0);
	for (int i = 0; i < WORKERS; i++) {
		ck_assert_int_eq(
		    worker_init(&workers[i], &over, n_pipes, PIPE_LEN), 0);
		ck_assert_int_eq(worker_start(&workers[i]), 0);
	}
	for (uint8_t i = 0; i < PAIRS; i++)
		make_pair(i);
}

static size_t
chunk(void)
{
	static const size_t caps[] = {16, 512, 4096, CHUNK_MAX};

	return 1 + below(caps[below(4)]);
}

/* Where in the pattern a way's byte stands; each way begins elsewhere. */
static const uint8_t *
at(const struct way *w, uint64_t pos)
{
	return &pattern[(pos + 7919 * (uint64_t)(w - ways)) % PATTERN_LEN];
}

static void
write_some(struct way *w)
{
	ssize_t n = write(w->writer, at(w, w->n_written), chunk());

	if (n == -1)
		ck_assert_int_eq(errno, EAGAIN);
	else
		w->n_written += (uint64_t)n;
}

static bool
read_some(struct way *w)
{
	static uint8_t buf[CHUNK_MAX];
	ssize_t n = read(w->reader, buf, chunk());

	if (n == -1) {
		ck_assert_int_eq(errno, EAGAIN);
		return false;
	}
	ck_assert_msg(memcmp(buf, at(w, w->n_read), (size_t)n) == 0,
	    "way %td has wrong bytes at %" PRIu64, w - ways, w->n_read);
	w->n_read += (uint64_t)n;
	return n > 0;
}

static bool
is_ready(int fd, short what)
{
	struct pollfd p = {.fd = fd, .events = what};

	return poll(&p, 1, 0) == 1 && (p.revents & what) != 0;
}

static void
watch_one(struct way *w, uint64_t now_ms)
{
	uint64_t moved = atomic_load(&moved_to[w->sink]);

	if (moved != w->moved || !is_ready(w->source, POLLIN) ||
	    !is_ready(w->sink, POLLOUT)) {
		w->moved = moved;
		w->moved_ms = now_ms;
	}
	ck_assert_msg(now_ms - w->moved_ms < STILL_MS,
	    "way %td stands still at %" PRIu64 " of %" PRIu64, w - ways, moved,
	    w->n_written);
}

static void
watch(void)
{
	static uint64_t watched_ms;
	uint64_t now_ms = clock_now_ms();

	if (now_ms - watched_ms < WATCH_MS)
		return;
	watched_ms = now_ms;
	for (int i = 0; i < WAYS; i++)
		watch_one(&ways[i], now_ms);
}

static void
step(void)
{
	struct way *w = &ways[below(WAYS)];

	if (below(2) == 0)
		w->writes = !w->writes;
	else
		w->reads = !w->reads;
	w = &ways[below(WAYS)];
	if (w->writes)
		write_some(w);
	if (w->reads)
		(void)read_some(w);
}

/* Nobody writes: what was written arrives. Returns whether all has. */
static bool
drain_pass(bool *moved)
{
	bool complete = true;

	*moved = false;
	for (int i = 0; i < WAYS; i++) {
		struct way *w = &ways[i];

		if (w->n_read < w->n_written)
			*moved |= read_some(w);
		complete &= w->n_read == w->n_written;
	}
	return complete;
}

static void
say_what_is_missing(void)
{
	for (int i = 0; i < WAYS; i++)
		if (ways[i].n_read < ways[i].n_written)
			(void)printf("way %d: %" PRIu64 " of %" PRIu64 "\n", i,
			    ways[i].n_read, ways[i].n_written);
	(void)fflush(stdout); /* before the abort */
}

static void
drain(void)
{
	uint64_t moved_ms = clock_now_ms();
	bool moved;

	while (!drain_pass(&moved)) {
		uint64_t now_ms = clock_now_ms();

		watch();
		if (moved)
			moved_ms = now_ms;
		else
			(void)poll(NULL, 0, 1); /* the workers' turn */
		if (now_ms - moved_ms < STILL_MS)
			continue;
		say_what_is_missing();
		ck_abort_msg("bytes that were written do not arrive");
	}
}

/* Half-closes pass on, and each pair reports what it moved. */
static void
end(void)
{
	uint64_t until_ms = clock_now_ms() + 10000;

	for (int i = 0; i < WAYS; i++)
		ck_assert_int_eq(shutdown(ways[i].writer, SHUT_WR), 0);
	while (n_ended < PAIRS) {
		ck_assert_uint_lt(clock_now_ms(), until_ms);
		ck_assert_int_eq(loop_turn(main_loop), 0);
		(void)poll(NULL, 0, 1);
	}
	for (int i = 0; i < WAYS; i++) {
		char c;

		ck_assert_int_eq(sockets_get(ways[i].reader, &c, 1), 0);
	}
	for (int i = 0; i < PAIRS; i++) {
		fd_close(&ways[2 * i].writer);
		fd_close(&ways[2 * i + 1].writer);
	}
	for (int i = 0; i < WORKERS; i++)
		worker_fini(&workers[i]);
	mailbox_fini(&over);
	loop_free(main_loop);
	shares_fini(&shares);
}

/* Pipes for all, for none, and for so few that every pair has to do without
 * now and then. */
static const size_t POOLS[] = {WAYS, 0, 3};

START_TEST(no_wake_up_is_lost)
{
	uint64_t n_spliced = 0, n_copied = 0;

	begin(POOLS[_i]);
	for (int i = 1; i <= STEPS; i++) {
		step();
		if (i % STEPS_A_DRAIN == 0)
			drain();
		if (i % 64 == 0)
			watch();
	}
	drain();
	for (int i = 0; i < WORKERS; i++) {
		n_spliced += workers[i].bytes_spliced;
		n_copied += workers[i].bytes_copied;
	}
	(void)printf("steps=%d pipes=%zu spliced=%" PRIu64 " copied=%" PRIu64
		     "\n",
	    STEPS, POOLS[_i], n_spliced, n_copied);
	ck_assert_int_eq(n_spliced > 0, POOLS[_i] > 0);
	ck_assert_int_eq(n_copied > 0, POOLS[_i] < WAYS);
	end();
}
END_TEST

static Suite *
wakeups_suite(void)
{
	Suite *s = suite_create("wakeups");
	TCase *t = tcase_create("wakeups");

	tcase_set_timeout(t, 55);
	tcase_set_tags(t, "million"); /* not under valgrind */
	suite_add_tcase(s, t);
	tcase_add_loop_test(t, no_wake_up_is_lost, 0, 3);
	return s;
}

int
main(void)
{
	SRunner *r = srunner_create(wakeups_suite());
	int failures;

	srunner_run_all(r, CK_ENV);
	failures = srunner_ntests_failed(r);
	srunner_free(r);
	return failures != 0;
}
