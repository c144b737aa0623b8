#include "tests/unit/dataplane/pump_world.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/fd.h"
#include "tests/unit/dataplane/fake_clock.h"
#include "tests/unit/dataplane/sockets.h"

struct loop *main_loop;
static struct mailbox over;
struct worker worker;
struct shares shares;
struct pair *ended;
int n_ended;
int a[2], b[2];
int splice_errno, send_errno, recv_errno, pipe2_errno;

ssize_t __real_splice(int from, off64_t *from_off, int to, off64_t *to_off,
    size_t len, unsigned flags);
ssize_t __wrap_splice(int from, off64_t *from_off, int to, off64_t *to_off,
    size_t len, unsigned flags);
ssize_t __real_send(int fd, const void *p, size_t len, int flags);
ssize_t __wrap_send(int fd, const void *p, size_t len, int flags);
ssize_t __real_recv(int fd, void *p, size_t len, int flags);
ssize_t __wrap_recv(int fd, void *p, size_t len, int flags);
int __real_pipe2(int fds[2], int flags);
int __wrap_pipe2(int fds[2], int flags);

/* Whether this call is to fail; EINTR fails once. */
static bool
fails(int *error)
{
	if (*error == 0)
		return false;
	errno = *error;
	if (*error == EINTR)
		*error = 0;
	return true;
}

ssize_t
__wrap_splice(int from, off64_t *from_off, int to, off64_t *to_off, size_t len,
    unsigned flags)
{
	if (fails(&splice_errno))
		return -1;
	return __real_splice(from, from_off, to, to_off, len, flags);
}

ssize_t
__wrap_send(int fd, const void *p, size_t len, int flags)
{
	return fails(&send_errno) ? -1 : __real_send(fd, p, len, flags);
}

ssize_t
__wrap_recv(int fd, void *p, size_t len, int flags)
{
	return fails(&recv_errno) ? -1 : __real_recv(fd, p, len, flags);
}

int
__wrap_pipe2(int fds[2], int flags)
{
	return fails(&pipe2_errno) ? -1 : __real_pipe2(fds, flags);
}

static void
on_ended(void *arg, struct pair *p)
{
	(void)arg;
	pair_free(ended);
	ended = p;
	n_ended++;
}

void
world_begin(size_t n_pipes)
{
	splice_errno = send_errno = recv_errno = pipe2_errno = 0;
	n_ended = 0;
	ended = NULL;
	main_loop = loop_new();
	ck_assert_ptr_nonnull(main_loop);
	ck_assert_int_eq(
	    mailbox_init(&over, main_loop, on_ended, NULL, NULL), 0);
	ck_assert_int_eq(worker_init(&worker, &over, n_pipes, PIPE_LEN), 0);
	ck_assert_int_eq(shares_init(&shares, 8), 0);
}

void
world_end(void)
{
	worker_fini(&worker);
	mailbox_fini(&over);
	loop_free(main_loop);
	pair_free(ended);
	shares_fini(&shares);
	fd_close(&a[OURS]);
	fd_close(&b[OURS]);
}

void
world_rounds(int n)
{
	while (n-- > 0) {
		ck_assert_int_eq(loop_turn(worker.loop), 0);
		ck_assert_int_eq(loop_turn(main_loop), 0);
	}
}

void
world_join_with(bool local, uint64_t rate, uint64_t idle_ms)
{
	const struct ipc_limits limits = {
	    .n_rates = rate > 0,
	    .rates = {{IPC_GROUP_OWN, rate}},
	};
	const bool locals[2] = {local, local};
	struct share share;
	struct pair *p;

	ck_assert_int_eq(share_init(&share, &shares, &limits, fake_now_ms), 0);
	(local ? sockets_unix : sockets_tcp)(a);
	(local ? sockets_unix : sockets_tcp)(b);
	p = pair_new((const int[]){a[THEIRS], b[THEIRS]}, locals, &share,
	    idle_ms, fake_now_ms);
	ck_assert_ptr_nonnull(p);
	worker_take(&worker, p);
	world_rounds(2);
}

void
world_join(bool local)
{
	world_join_with(local, 0, 0);
}

void
world_expect(int fd, const char *text)
{
	char buf[256];

	world_rounds(ROUNDS);
	ck_assert_int_eq(sockets_get(fd, buf, sizeof buf), (long)strlen(text));
	ck_assert_mem_eq(buf, text, strlen(text));
}

void
world_expect_nothing(int fd)
{
	char c;

	world_rounds(ROUNDS);
	ck_assert_int_eq(sockets_get(fd, &c, 1), -1);
	ck_assert_int_eq(errno, EAGAIN);
}

void
world_expect_end(int fd)
{
	char c;

	world_rounds(ROUNDS);
	ck_assert_int_eq(sockets_get(fd, &c, 1), 0);
}

void
world_expect_reset(int fd)
{
	char c;

	world_rounds(ROUNDS);
	ck_assert_int_eq(sockets_get(fd, &c, 1), -1);
	ck_assert_int_eq(errno, ECONNRESET);
}
