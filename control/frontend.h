/*
 * frontend - the protocols that control understands, as a table. All share
 * the nodes' ports: who a newcomer is, is told from his first bytes. Nothing
 * in the table is special to one of them; each can be switched off.
 */
#ifndef CONTROL_FRONTEND_H
#define CONTROL_FRONTEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/ipc.h"

struct arrival;
struct control;

/* The frontends there are: number (in the tags of their pairs: never
 * changes), name (in the configuration). Asked in this order: the signatures
 * first, tx3, which takes whatever has 32 bytes, last. */
#define FRONTEND_TABLE(X) X(1, tx3)

enum { FRONTENDS_MAX = 16 };

enum sniff {
	SNIFF_NO,   /* not mine */
	SNIFF_MORE, /* may be mine; *want bytes in all would tell */
	SNIFF_YES   /* mine */
};

struct frontend {
	const char *name;
	uint8_t number; /* 1..255 */

	/* Whether a connection that begins so is this protocol's. Pure. */
	enum sniff (*sniff)(const uint8_t *p, size_t len, size_t *want);

	/* A connection that sniff claimed, judged by a verdict before it
	 * returns. first is borrowed for the call. */
	void (*arrive)(struct control *c, struct arrival *a,
	    const struct ipc_bytes *first);
};

struct frontends {
	const struct frontend *on[FRONTENDS_MAX];
	size_t n;
};

/* frontends_init - none is switched on. */
void frontends_init(struct frontends *fs);

/* frontends_enable - switch one on; the order is the table's.
 * Returns 0; -1: there is none of that name, or it is on already. */
int frontends_enable(struct frontends *fs, const char *name);

/*
 * frontends_sniff - ask those that are on, in order, whose it is.
 *
 * f        out; on SNIFF_YES the one that claimed it.
 * want     out; on SNIFF_MORE how many bytes in all to wait for.
 * Returns  the first answer that is not SNIFF_NO.
 */
enum sniff frontends_sniff(const struct frontends *fs,
    const struct frontend **f, const uint8_t *p, size_t len, size_t *want);

/* frontends_claim - whether 32 bytes of mine's would be taken, or waited for,
 * by another frontend that is on: mine must not use them. Returns that one;
 * NULL. */
const struct frontend *frontends_claim(const struct frontends *fs,
    const struct frontend *mine, const uint8_t *p, size_t len);

/* frontend_name - of a number in a tag; "unknown" if there is none. */
const char *frontend_name(uint8_t number);

#define FRONTEND_EXTERN(number, id) extern const struct frontend frontend_##id;
FRONTEND_TABLE(FRONTEND_EXTERN)
#undef FRONTEND_EXTERN

#endif
