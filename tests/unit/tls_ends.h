/*
 * tls_ends - the two ends of a TLS connection in memory.
 */
#ifndef TESTS_UNIT_TLS_ENDS_H
#define TESTS_UNIT_TLS_ENDS_H

#include <openssl/ssl.h>
#include <stdbool.h>

/* tls_ends_meet - connect these two, who have said nothing yet. */
void tls_ends_meet(SSL *server, SSL *client);

/* tls_ends_shake_hands - both in turn, as far as they come. Returns whether
 * that is the handshake's end. What OpenSSL has to say of it is forgotten. */
bool tls_ends_shake_hands(SSL *server, SSL *client);

#endif
