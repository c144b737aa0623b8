/*
 * client_hello - what a TLS connection asks for, before anybody answers it:
 * for frontends that live behind TLS on a port where others do not.
 *
 * The ClientHello is read by OpenSSL, from memory, up to the point where it
 * has understood it and would choose an answer. Nothing is answered.
 */
#ifndef CONTROL_CLIENT_HELLO_H
#define CONTROL_CLIENT_HELLO_H

#include <stddef.h>
#include <stdint.h>

#include "proto/wire.h"

/* Records that one ClientHello may be spread over. Programs send one; each
 * further one costs another look. */
#define CLIENT_HELLO_RECORDS_MAX 4

struct client_hello_reader;

/* client_hello_reader_new - to be shared by all that read. Returns owned by the
 * caller; NULL: no memory. */
struct client_hello_reader *client_hello_reader_new(void);

/* client_hello_reader_free - NULL is fine. */
void client_hello_reader_free(struct client_hello_reader *r);

/*
 * client_hello_offers - whether a connection that begins with the len bytes at
 * p is TLS and offers this ALPN name.
 *
 * want     out, on PARSE_MORE: bytes in all that tell more.
 * Returns  PARSE_OK: it does; PARSE_MORE: it may; PARSE_BAD: it is no TLS, or
 *          its ClientHello is there and does not offer the name.
 */
enum parse_result client_hello_offers(const struct client_hello_reader *r,
    const char *alpn, const uint8_t *p, size_t len, size_t *want);

#endif
