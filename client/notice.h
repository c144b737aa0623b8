/*
 * notice - the relay's side of a control stream after TLS: the all-clear,
 * then a notice for each peer, in pieces as TLS delivers them.
 *
 * Pure: no descriptor, no heap, no log.
 */
#ifndef CLIENT_NOTICE_H
#define CLIENT_NOTICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/tx3.h"

struct notice_reader {
	enum tx3_dialect dialect;
	bool clear; /* the all-clear has come */
	size_t len; /* bytes of a notice that is not whole yet */
	uint8_t bytes[TX3_NOTICE_MAX];
};

enum notice_answer {
	NOTICE_MORE,  /* all bytes are consumed */
	NOTICE_CLEAR, /* the all-clear came */
	NOTICE_PEER,  /* a notice is there */
	NOTICE_BAD    /* the first byte was no all-clear: not a tx3 relay */
};

/* notice_init - nothing has come yet; the notices will be of that dialect. */
void notice_init(struct notice_reader *r, enum tx3_dialect dialect);

/*
 * notice_next - understand the next thing at *p, and move *p and *len on.
 *
 * Called again until it says NOTICE_MORE. What the reader kept of a notice is
 * wiped once that is whole: it is a secret.
 *
 * notice   out; written with NOTICE_PEER alone.
 * Source   proto/TX3.md, 2 and 3.
 */
enum notice_answer notice_next(struct notice_reader *r, const uint8_t **p,
    size_t *len, struct tx3_notice *notice);

#endif
