#include "tests/unit/client/tunnel_world.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "client/handshake.h"
#include "tests/unit/client/far.h"

#define HANDSHAKE_MS 3000

struct tunnel_world w;

void
tunnel_world_setup(void)
{
	memset(&w, 0, sizeof w);
	w.loop = loop_new_boot();
	w.id = far_identity();
	w.server = far_context(TLS_ROLE_SERVER, w.id);
	w.client = far_context(TLS_ROLE_CLIENT, w.id);
	far_pair(&w.near[TLS], &w.far[TLS]);
	far_pair(&w.near[PLAIN], &w.far[PLAIN]);
	w.big = malloc(TUNNEL_WORLD_BIG);
	for (size_t i = 0; i < TUNNEL_WORLD_BIG; i++)
		w.big[i] = (uint8_t)(i * 7 + i / 251);
}

void
tunnel_world_teardown(void)
{
	loop_free(w.loop);
	SSL_CTX_free(w.server);
	SSL_CTX_free(w.client);
	identity_free(w.id);
	free(w.big);
}

void
tunnel_world_ended(void *arg, const struct tunnel_result *result)
{
	(void)arg;
	w.result = *result;
	loop_stop(w.loop);
}

static void
on_handshake(
    void *arg, enum handshake_end how, struct stream *s, const char *why)
{
	struct stream legs[2];

	(void)arg;
	(void)why;
	ck_assert_int_eq(how, HANDSHAKE_DONE);
	legs[TLS] = *s;
	stream_from_socket(&legs[PLAIN], w.near[PLAIN]);
	w.tunnel = tunnel_start(w.loop, legs, tunnel_world_ended, NULL);
	ck_assert_ptr_nonnull(w.tunnel);
}

void
tunnel_world_play(void *(*script)(void *))
{
	pthread_t thread;

	ck_assert_ptr_nonnull(handshake_start(w.loop, w.near[TLS], w.server,
	    TLS_ROLE_SERVER, HANDSHAKE_MS, on_handshake, NULL));
	far_start(&thread, script, NULL);
	ck_assert_int_eq(loop_run(w.loop), 0);
	far_join(thread);
}

SSL *
tunnel_world_call(void)
{
	SSL *ssl = far_tls(w.client, w.far[TLS], TLS_ROLE_CLIENT);

	ck_assert_ptr_nonnull(ssl);
	return ssl;
}

void
tunnel_world_hear(SSL *ssl)
{
	w.n_heard[TLS] =
	    far_ssl_read(ssl, w.heard[TLS], sizeof w.heard[TLS], &w.error[TLS]);
}

void
tunnel_world_hear_plain(void)
{
	w.n_heard[PLAIN] = far_read(w.far[PLAIN], w.heard[PLAIN],
	    sizeof w.heard[PLAIN], &w.error[PLAIN]);
}
