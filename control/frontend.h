/*
 * frontend - the protocols that control understands, as a table. All share
 * the nodes' ports: who a newcomer is, is told from his first bytes. Nothing
 * in the table is special to one of them; each can be switched off.
 *
 * What a frontend says is how its clients are named, how control streams are
 * secured and what is said on them. What they all have in common - handshakes
 * within limits, who has registered, who calls whom - is not here.
 */
#ifndef CONTROL_FRONTEND_H
#define CONTROL_FRONTEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/log.h"
#include "proto/digest.h"
#include "proto/ipc.h"

struct arrival;
struct call;
struct cert_form;
struct client_hello_reader;
struct control;
struct frontends;
struct relay_identity;
struct stream;
struct tls_profile;

/* The frontends there are: number (in the tags of their pairs: never
 * changes), name (in the configuration). Asked in this order: the signatures
 * first, tx3, which takes whatever has 32 bytes, last. */
#define FRONTEND_TABLE(X) X(2, syncthing) X(1, tx3)

enum { FRONTENDS_MAX = 16 };

/* Bytes of a client's or an identity's digest as a frontend writes it. */
#define FRONTEND_ID_CAP 64

#define FRONTEND_GREETING_MAX 64 /* bytes */

enum sniff {
	SNIFF_NO,   /* not mine */
	SNIFF_MORE, /* may be mine; *want bytes in all would tell */
	SNIFF_YES   /* mine */
};

struct frontend {
	const char *name;
	uint8_t number; /* 1..255 */

	/* Whether a connection that begins so is this protocol's. Pure. */
	enum sniff (*sniff)(const struct frontends *fs, const uint8_t *p,
	    size_t len, size_t *want);

	/* A connection that sniff claimed, judged by a verdict before it
	 * returns. first is borrowed for the call. */
	void (*arrive)(struct control *c, struct arrival *a,
	    const struct ipc_bytes *first);

	/* Its connections may begin with any digest or token, bare: then none
	 * is used that another frontend would claim. */
	bool begins_bare;

	/* A client in the log; of its digest the first len bytes are known. */
	struct log_text (*log_client)(const uint8_t *digest, size_t len);

	/* A digest in full: a client's in /status, the relay's own. Returns
	 * buf. */
	const char *(*format_digest)(
	    const uint8_t digest[DIGEST_LEN], char buf[FRONTEND_ID_CAP]);

	/* What an identity's dialect is called; NULL: there are none. */
	const char *(*dialect_name)(unsigned dialect);

	/* publish_url for each URL that the identity has at host and port. */
	void (*publish)(struct control *c, const struct relay_identity *who,
	    const char *host, uint16_t port);

	/* What an identity of its own is made like. */
	const struct cert_form *cert_form;

	/* How its control streams are secured. */
	const struct tls_profile *tls;

	/* Its streams take their place among max_control_streams as they
	 * register, for only then can a client be told that there is none. */
	bool registers_late;

	/* What a control stream's pair is spliced with. */
	const struct ipc_limits *stream_splice;

	/* At most so many bytes on a control stream tell of one call. */
	size_t notice_max;

	/* A stream has come to STREAM_OPEN. alpn: what its TLS agreed on; ""
	 * = nothing. */
	void (*opened)(struct stream *stream, const char *alpn);

	/* Bytes from its client, len of them so far. Returns how many are
	 * done with, 0: more are wanted; of no matter once the stream has
	 * ended. NULL: a client says nothing, a byte ends the stream. */
	size_t (*received)(struct stream *stream, const uint8_t *p, size_t len);

	/* stream_wait's time has come. NULL: it never waits. */
	void (*due)(struct stream *stream);

	/* The answer to stream_ask. NULL: it does not ask. */
	void (*heard)(struct stream *stream, uint32_t ms);

	/* It is over: let go of stream->own. May be NULL. */
	void (*ended)(struct stream *stream);

	/* It is call's turn, and it has its tokens: tell the client, and who
	 * asked for it; or tell a client once more that came back meanwhile.
	 * Returns 0; -1: the client's stream has ended, and call with it. */
	int (*announce)(struct call *call);

	/* The call that asker waited for is over before its turn. NULL: calls
	 * begin with a peer that is there. */
	void (*turned_away)(struct stream *asker);

	/* What each side of a call is told as it is let in, before any byte
	 * of the other's: written to buf. Returns its length. NULL: nothing. */
	size_t (*greet)(uint8_t buf[FRONTEND_GREETING_MAX]);

	/* Whether a side that came first keeps its place if it has said all
	 * that it will ever say. Who can't mean that is gone. */
	bool keeps_fin;
};

struct frontends {
	const struct frontend *on[FRONTENDS_MAX];
	size_t n;
	struct client_hello_reader *hellos; /* owned; for any that want it */
};

/* frontends_init - none is switched on. Returns 0; -1: no memory. */
int frontends_init(struct frontends *fs);
void frontends_fini(struct frontends *fs);

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

/* frontends_claim - whether 32 bytes of mine's, where its connections begin
 * with them bare, would be taken or waited for by another frontend that is on:
 * mine must not use them. Returns that one; NULL. */
const struct frontend *frontends_claim(const struct frontends *fs,
    const struct frontend *mine, const uint8_t *p, size_t len);

/* frontend_name - of a number in a tag; "unknown" if there is none. */
const char *frontend_name(uint8_t number);

/* frontend_log_client - as that frontend's log_client; digests of one that is
 * unknown are written somehow. */
struct log_text
frontend_log_client(uint8_t number, const uint8_t *digest, size_t len);

/* frontend_format_digest - as its format_digest, with the same exception. */
const char *frontend_format_digest(uint8_t number,
    const uint8_t digest[DIGEST_LEN], char buf[FRONTEND_ID_CAP]);

#define FRONTEND_EXTERN(number, id) extern const struct frontend frontend_##id;
FRONTEND_TABLE(FRONTEND_EXTERN)
#undef FRONTEND_EXTERN

#endif
