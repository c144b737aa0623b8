#include "tests/unit/dataplane/ways.h"

#include <check.h>
#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/fd.h"
#include "dataplane/pump.h"
#include "tests/unit/dataplane/sockets.h"

#define PIPE_LEN     16384
#define CHUNK_MAX    16384
#define PATTERN_LEN  65521 /* a prime: no power of 2 hides in it */
#define RATED_PER_S  (64 << 20)
#define UNIX_BUF_LEN 8192
#define TCP_BUF_LEN  32768
#define FDS_MAX	     1024 /* descriptors here are below */

struct way ways[WAYS];
struct worker workers[WORKERS];
static struct loop *main_loop;
static struct mailbox over;
static struct shares shares;
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

uint64_t
way_moved(const struct way *w)
{
	return atomic_load(&moved_to[w->sink]);
}

size_t
ways_below(size_t n)
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
	const int worker = i % WORKERS;
	struct share share = make_share(i);
	int a[2], b[2];
	struct pair *p;

	make_sockets(a, local[0]);
	make_sockets(b, local[1]);
	ways[2 * i] = (struct way){
	    .writer = a[OURS], .source = a[THEIRS], b[THEIRS], b[OURS], worker};
	ways[2 * i + 1] = (struct way){
	    .writer = b[OURS], .source = b[THEIRS], a[THEIRS], a[OURS], worker};
	p = pair_new((const int[]){a[THEIRS], b[THEIRS]}, local, &share, 0,
	    clock_now_ms());
	ck_assert_ptr_nonnull(p);
	p->tag[0] = i;
	worker_take(&workers[worker], p);
}

void
ways_begin(size_t n_pipes)
{
	begin_random();
	for (size_t i = 0; i < sizeof pattern; i++)
		pattern[i] = i < PATTERN_LEN ? (uint8_t)ways_below(256)
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

	return 1 + ways_below(caps[ways_below(4)]);
}

/* Where in the pattern a way's byte stands; each way begins elsewhere. */
static const uint8_t *
at(const struct way *w, uint64_t pos)
{
	return &pattern[(pos + 7919 * (uint64_t)(w - ways)) % PATTERN_LEN];
}

void
way_write_some(struct way *w)
{
	ssize_t n = write(w->writer, at(w, w->n_written), chunk());

	if (n == -1)
		ck_assert_int_eq(errno, EAGAIN);
	else
		w->n_written += (uint64_t)n;
}

bool
way_read_some(struct way *w)
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

void
ways_half_close(void)
{
	for (int i = 0; i < WAYS; i++)
		ck_assert_int_eq(shutdown(ways[i].writer, SHUT_WR), 0);
}

bool
ways_have_ended(void)
{
	ck_assert_int_eq(loop_turn(main_loop), 0);
	return n_ended == PAIRS;
}

void
ways_end(void)
{
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
