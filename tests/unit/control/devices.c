#include "tests/unit/control/devices.h"

#include <openssl/ssl.h>
#include <string.h>

uint8_t device_hello[2048];
size_t device_hello_len;

static void
make_hello(void)
{
	static const unsigned char NAME[] = "\x09"
					    "bep-relay";
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(ctx);
	BIO *out = BIO_new(BIO_s_mem());
	int n;

	ck_assert_int_eq(SSL_set_alpn_protos(ssl, NAME, sizeof NAME - 1), 0);
	SSL_set_bio(ssl, BIO_new(BIO_s_mem()), out);
	SSL_set_connect_state(ssl);
	(void)SSL_do_handshake(ssl);
	n = BIO_read(out, device_hello, sizeof device_hello);
	ck_assert_int_gt(n, 0);
	ck_assert_int_le(n, IPC_FIRST_MAX);
	device_hello_len = (size_t)n;
	SSL_free(ssl);
	SSL_CTX_free(ctx);
}

void
devices_set_up(void)
{
	one_node();
	ck_assert_int_eq(frontends_enable(&c->frontends, "syncthing"), 0);
	fake_identity(c, 0xd5, 0, false);
	c->identities.list[1].frontend = &frontend_syncthing;
	if (device_hello_len == 0)
		make_hello();
}

struct stream *
device_at(uint64_t conn, uint8_t byte)
{
	struct stream *s;

	fake_show(c, &a, conn, byte, device_hello, device_hello_len, 0);
	(void)fake_command(IPC_CONN_HOLD);
	s = c->streams.live;
	fake_open_local(c, &a, conn + 1, fake_ticket);
	(void)fake_command(IPC_CONN_PAIR);
	stream_opened(s, fake_digest(byte), "bep-relay");
	return s;
}

struct stream *
device(uint8_t byte)
{
	return device_at(1000u * byte, byte);
}

void
say(struct stream *s, const struct syncthing_msg *m)
{
	uint8_t buf[SYNCTHING_MSG_MAX];
	size_t len = syncthing_encode(m, buf, sizeof buf);

	ck_assert_uint_eq(s->frontend->received(s, buf, len), len);
}

void
say_type(struct stream *s, enum syncthing_type type)
{
	struct syncthing_msg m = {.type = type};

	say(s, &m);
}

struct syncthing_msg
told(const struct stream *s)
{
	struct syncthing_msg m;
	size_t len = 0, used;
	const uint8_t *p = fake_said(s, &len);

	ck_assert_msg(p != NULL, "nothing was said");
	ck_assert_int_eq(syncthing_decode(&m, p, len, &used), PARSE_OK);
	ck_assert_uint_eq(used, len);
	return m;
}

void
told_nothing(const struct stream *s)
{
	size_t len;

	ck_assert_ptr_null(fake_said(s, &len));
}

void
told_code(const struct stream *s, enum syncthing_code code)
{
	struct syncthing_msg m = told(s);

	ck_assert_int_eq(m.type, SYNCTHING_RESPONSE);
	ck_assert_int_eq(m.u.response.code, (int)code);
}

void
told_ping(const struct stream *s)
{
	ck_assert_int_eq(told(s).type, SYNCTHING_PING);
}

struct stream *
joined(uint8_t byte)
{
	struct stream *s = device(byte);

	say_type(s, SYNCTHING_JOIN_RELAY_REQUEST);
	told_code(s, SYNCTHING_SUCCESS);
	ck_assert_int_eq(s->state, STREAM_REGISTERED);
	return s;
}

void
ask(struct stream *s, uint8_t byte)
{
	struct syncthing_msg m = {.type = SYNCTHING_CONNECT_REQUEST};

	m.u.id = (struct syncthing_bytes){fake_digest(byte), DIGEST_LEN};
	say(s, &m);
}

struct stream *
waiting_asker(struct stream *server)
{
	struct stream *asker = device(9);

	c->config.max_notices_burst = 1;
	rate_take(&server->client->quota.notices,
	    rate_available(
		&server->client->quota.notices, loop_now_ms(c->loop)));
	ask(asker, 7);
	told_nothing(asker);
	ck_assert_uint_eq(c->calls.n[CALL_WAITING], 1);
	return asker;
}

void
invited(const struct stream *s, uint8_t from, bool server_socket,
    uint8_t key[SYNCTHING_KEY_LEN])
{
	struct syncthing_msg m = told(s);

	ck_assert_int_eq(m.type, SYNCTHING_SESSION_INVITATION);
	ck_assert_uint_eq(m.u.invitation.from.len, DIGEST_LEN);
	ck_assert_mem_eq(m.u.invitation.from.p, fake_digest(from), DIGEST_LEN);
	ck_assert_uint_eq(m.u.invitation.key.len, SYNCTHING_KEY_LEN);
	ck_assert_uint_eq(m.u.invitation.address.len, 0);
	ck_assert_uint_eq(m.u.invitation.port, 7443);
	ck_assert_int_eq(m.u.invitation.server_socket, server_socket);
	memcpy(key, m.u.invitation.key.p, SYNCTHING_KEY_LEN);
}
