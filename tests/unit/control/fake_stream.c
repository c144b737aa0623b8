#include "tests/unit/control/fake_stream.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "common/secret.h"
#include "control/control.h"
#include "control/stream_tls.h"
#include "tests/unit/control/fake.h"

enum { WRITES_MAX = 256 };

uint8_t fake_written[128];
size_t fake_written_len;
unsigned fake_n_written;
size_t fake_unread;
bool fake_no_accept_socket;
uint8_t fake_ticket[32];
int fake_fd;

static struct {
	const struct stream *to; /* NULL: taken */
	uint8_t bytes[sizeof fake_written];
	size_t len;
} writes[WRITES_MAX]; /* the newest; a ring */

/* What the linker puts in the place of the real ones. */
int __wrap_ticket_send(
    struct control *c, const struct node *node, struct stream *stream);
void __wrap_linger_take(struct control *c, int fd);
int __wrap_stream_tls_start(struct stream *s);
int __wrap_stream_tls_write(struct stream *s, const void *p, size_t len);
size_t __wrap_stream_tls_unread(const struct stream *s);
void __wrap_stream_tls_stop(struct stream *s, bool say_goodbye);
void __wrap_stream_tls_free(struct stream *s);

int
__wrap_ticket_send(
    struct control *c, const struct node *node, struct stream *stream)
{
	(void)node;
	if (fake_no_accept_socket ||
	    secret_random(stream->ticket, TICKET_LEN) != 0)
		return -1;
	memcpy(fake_ticket, stream->ticket, TICKET_LEN);
	ck_assert_int_eq(
	    table_put(&c->tickets.streams, stream->ticket, stream), 0);
	return fake_fd;
}

void
__wrap_linger_take(struct control *c, int fd)
{
	(void)c;
	(void)fd;
}

int
__wrap_stream_tls_start(struct stream *s)
{
	(void)s;
	return 0;
}

int
__wrap_stream_tls_write(struct stream *s, const void *p, size_t len)
{
	size_t slot = fake_n_written % WRITES_MAX;

	ck_assert_uint_le(len, sizeof fake_written);
	writes[slot].to = s;
	memcpy(writes[slot].bytes, p, len);
	writes[slot].len = len;
	memcpy(fake_written, p, len);
	fake_written_len = len;
	fake_n_written++;
	return 0;
}

size_t
__wrap_stream_tls_unread(const struct stream *s)
{
	(void)s;
	return fake_unread;
}

void
__wrap_stream_tls_stop(struct stream *s, bool say_goodbye)
{
	(void)s;
	(void)say_goodbye;
}

void
__wrap_stream_tls_free(struct stream *s)
{
	(void)s;
}

void
fake_streams_begin(void)
{
	memset(writes, 0, sizeof writes);
	fake_no_accept_socket = false;
	fake_unread = fake_written_len = fake_n_written = 0;
}

const uint8_t *
fake_digest(uint8_t byte)
{
	static uint8_t digests[UINT8_MAX + 1][DIGEST_LEN];

	memset(digests[byte], byte, DIGEST_LEN);
	return digests[byte];
}

const uint8_t *
fake_said(const struct stream *s, size_t *len)
{
	unsigned first =
	    fake_n_written > WRITES_MAX ? fake_n_written - WRITES_MAX : 0;

	for (unsigned i = first; i < fake_n_written; i++) {
		size_t slot = i % WRITES_MAX;

		if (writes[slot].to != s)
			continue;
		writes[slot].to = NULL;
		*len = writes[slot].len;
		return writes[slot].bytes;
	}
	return NULL;
}

struct client *
fake_find(struct control *c, const struct frontend *f, uint8_t byte)
{
	uint8_t key[REGISTRY_KEY_LEN];

	memset(key, byte, sizeof key);
	key[0] = f->number;
	return table_find(&c->registry.clients, key);
}

struct stream *
fake_client(struct control *c, const struct fake_node *n, uint8_t byte)
{
	uint64_t conn = 1000u * byte;
	struct stream *s;
	char remote[32];

	(void)snprintf(remote, sizeof remote, "192.0.3.%u:40000", byte);
	fake_show_from(c, n, conn, remote, fake_relay(c), DIGEST_LEN, 0);
	if (!fake_has_command())
		return NULL;
	(void)fake_command(IPC_CONN_HOLD);
	s = c->streams.live;
	fake_open_local(c, n, conn + 1, fake_ticket);
	(void)fake_command(IPC_CONN_PAIR);
	stream_opened(s, fake_digest(byte), "");
	fake_turn();
	return s;
}

struct stream *
fake_stream(struct control *c, const struct fake_node *n, uint64_t conn,
    uint8_t source, const uint8_t *relay, const uint8_t *client)
{
	struct stream *s;

	fake_open(c, n, conn, source, relay);
	s = c->streams.live;
	fake_open_local(c, n, conn + 1, fake_ticket);
	stream_opened(s, client, "");
	return s;
}
