#include "tests/unit/tls_ends.h"

#include <check.h>
#include <openssl/err.h>

/* A TLS 1.2 handshake with all its flights takes fewer. */
#define TURNS 10

void
tls_ends_meet(SSL *server, SSL *client)
{
	BIO *a, *b;

	ck_assert_int_eq(BIO_new_bio_pair(&a, 0, &b, 0), 1);
	SSL_set_bio(server, a, a);
	SSL_set_bio(client, b, b);
	SSL_set_accept_state(server);
	SSL_set_connect_state(client);
}

bool
tls_ends_shake_hands(SSL *server, SSL *client)
{
	for (int i = 0; i < TURNS; i++) {
		(void)SSL_do_handshake(client);
		(void)SSL_do_handshake(server);
	}
	ERR_clear_error();
	return SSL_is_init_finished(client) && SSL_is_init_finished(server);
}
