#include "tests/unit/dataplane/fake_links.h"

#include <errno.h>
#include <stdio.h>

struct fake_links fake_links;

static char in_token, out_token; /* what the links are, to those who hold one */

struct nnlink_in *
__wrap_nnlink_in_new(struct loop *loop, const char *url, unsigned mode,
    size_t max_len, nnlink_fn *fn, nnlink_idle_fn *idle, void *arg);
struct nnlink_out *
__wrap_nnlink_out_new(struct loop *loop, const char *url, size_t max_queue);
void __wrap_nnlink_in_free(struct nnlink_in *in);
void __wrap_nnlink_out_free(struct nnlink_out *out);
unsigned __wrap_nnlink_in_peers(const struct nnlink_in *in);
bool __wrap_nnlink_out_is_connected(const struct nnlink_out *out);
const char *__wrap_nnlink_out_way(const struct nnlink_out *out);
void __wrap_nnlink_out_flush(struct nnlink_out *out);
int __wrap_nnlink_send(struct nnlink_out *out, const void *p, size_t len);

void
fake_links_begin(void (*sent)(const void *p, size_t len))
{
	fake_links =
	    (struct fake_links){.sent = sent, .connected = true, .n_peers = 1};
}

struct nnlink_in *
__wrap_nnlink_in_new(struct loop *loop, const char *url, unsigned mode,
    size_t max_len, nnlink_fn *fn, nnlink_idle_fn *idle, void *arg)
{
	(void)loop;
	(void)mode;
	(void)idle;
	(void)snprintf(
	    fake_links.commands_url, sizeof fake_links.commands_url, "%s", url);
	fake_links.max_len = max_len;
	fake_links.receive = fn;
	fake_links.receive_arg = arg;
	return (void *)&in_token;
}

struct nnlink_out *
__wrap_nnlink_out_new(struct loop *loop, const char *url, size_t max_queue)
{
	(void)loop;
	(void)max_queue;
	(void)snprintf(fake_links.url, sizeof fake_links.url, "%s", url);
	fake_links.n_opened++;
	return (void *)&out_token;
}

void
__wrap_nnlink_in_free(struct nnlink_in *in)
{
	(void)in;
}

void
__wrap_nnlink_out_free(struct nnlink_out *out)
{
	(void)out;
}

unsigned
__wrap_nnlink_in_peers(const struct nnlink_in *in)
{
	(void)in;
	return fake_links.n_peers;
}

bool
__wrap_nnlink_out_is_connected(const struct nnlink_out *out)
{
	(void)out;
	return fake_links.connected;
}

const char *
__wrap_nnlink_out_way(const struct nnlink_out *out)
{
	(void)out;
	return "faked";
}

void
__wrap_nnlink_out_flush(struct nnlink_out *out)
{
	(void)out;
	fake_links.n_flushes++;
}

int
__wrap_nnlink_send(struct nnlink_out *out, const void *p, size_t len)
{
	(void)out;
	if (fake_links.send_errno != 0) {
		errno = fake_links.send_errno;
		return -1;
	}
	fake_links.sent(p, len);
	return 0;
}
