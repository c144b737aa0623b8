#include "tests/unit/common/nnlink_ends.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char dir[] = "/tmp/test_nnlink.XXXXXX";
char path[64], url[80];
struct loop *loop;
struct nnlink_in *in;
struct nnlink_out *out;
uint32_t n_sent, n_received, n_refused, n_idles;
size_t last_len;
static uint32_t n_wanted, n_wanted_refused;

void
ends_set_up(void)
{
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/s", dir);
	(void)snprintf(url, sizeof url, "ipc://%s", path);
	loop = loop_new();
	ck_assert_ptr_nonnull(loop);
}

void
ends_tear_down(void)
{
	nnlink_in_free(in);
	nnlink_out_free(out);
	loop_free(loop);
	(void)unlink(path);
	(void)rmdir(dir);
}

/* Messages are numbered from 0 in their first 4 bytes. */
static void
on_message(void *arg, const void *p, size_t len)
{
	uint32_t number;

	ck_assert_ptr_eq(arg, &n_received);
	if (len == 0) {
		if (++n_refused == n_wanted_refused)
			loop_stop(loop);
		return;
	}
	ck_assert_uint_ge(len, sizeof number);
	memcpy(&number, p, sizeof number);
	ck_assert_uint_eq(number, n_received);
	n_received++;
	last_len = len;
	if (n_received == n_wanted)
		loop_stop(loop);
}

static void
on_idle(void *arg)
{
	ck_assert_ptr_eq(arg, &n_received);
	n_idles++;
}

struct nnlink_in *
ends_bind(void)
{
	return nnlink_in_new(
	    loop, url, 0660, MAX_LEN, on_message, on_idle, &n_received);
}

void
ends_connect(size_t max_queue)
{
	out = nnlink_out_new(loop, url, max_queue);
	ck_assert_ptr_nonnull(out);
}

void
ends_open(void)
{
	in = ends_bind();
	ck_assert_ptr_nonnull(in);
	ends_connect(10000);
}

void
ends_open_with(size_t max_queue)
{
	in = ends_bind();
	ck_assert_ptr_nonnull(in);
	ends_connect(max_queue);
	ends_await(ends_are_connected);
}

int
ends_send(uint32_t number, size_t len)
{
	char message[2 * MAX_LEN] = {0};

	memcpy(message, &number, sizeof number);
	return nnlink_send(out, message, len);
}

int
ends_send_next(size_t len)
{
	if (ends_send(n_sent, len) == -1)
		return -1;
	n_sent++;
	return 0;
}

void
ends_send_many(uint32_t n, size_t len)
{
	for (uint32_t i = 0; i < n; i++)
		ck_assert_int_eq(ends_send_next(len), 0);
}

void
ends_turn(void)
{
	ck_assert_int_eq(loop_turn(loop), 0);
}

void
ends_receive(uint32_t n)
{
	uint32_t n_refused_before = n_refused;

	n_wanted = n;
	if (n_received < n)
		ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_uint_eq(n_received, n);
	ck_assert_uint_eq(n_refused, n_refused_before);
}

void
ends_refuse(uint32_t n)
{
	n_wanted_refused = n;
	if (n_refused < n)
		ck_assert_int_eq(loop_run(loop), 0);
	ck_assert_uint_eq(n_refused, n);
}

/* For what nanomsg tells nobody: look every millisecond. */
struct look {
	struct deadline again;
	bool (*is_so)(void);
};

static void
on_look(struct deadline *d, void *arg)
{
	struct look *l = arg;

	if (l->is_so())
		loop_stop(loop);
	else
		ck_assert_int_eq(loop_arm(loop, d, 1), 0);
}

void
ends_await(bool (*is_so)(void))
{
	struct look l = {.is_so = is_so};

	deadline_init(&l.again, on_look, &l);
	ck_assert_int_eq(loop_arm(loop, &l.again, 0), 0);
	ck_assert_int_eq(loop_run(loop), 0);
}

bool
ends_are_connected(void)
{
	return nnlink_out_is_connected(out);
}
