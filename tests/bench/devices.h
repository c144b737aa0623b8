/*
 * devices - two devices of Syncthing at a relay: one has joined, the other
 * asks for it, again and again. TLS is spoken with the relay alone; what is
 * relayed is plain.
 *
 * Failures end the program, as in sock.h. One thread at a time.
 * Source: proto/SYNCTHING.md.
 */
#ifndef TESTS_BENCH_DEVICES_H
#define TESTS_BENCH_DEVICES_H

#include "proto/addr.h"
#include "proto/digest.h"

/* relay://HOST:PORT/?id=ID; HOST is a literal. */
struct devices_relay {
	struct addr at;
	uint8_t digest[DIGEST_LEN];
};

struct devices;

/* devices_relay_parse - what is behind the ID is nobody's concern.
 * Returns 0; -1. */
int devices_relay_parse(struct devices_relay *relay, const char *text);

/* devices_new - new identities; the one has joined. relay is borrowed. */
struct devices *devices_new(const struct devices_relay *relay);

/* devices_meet - a session: a dial, two invitations, two keys brought back,
 * one after the other; begun anew if the relay refuses one. asker, joined: out,
 * both ends. */
void devices_meet(struct devices *d, int *asker, int *joined);

/* devices_free - sessions live on; NULL is fine. */
void devices_free(struct devices *d);

#endif
