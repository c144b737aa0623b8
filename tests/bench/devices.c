#include "tests/bench/devices.h"

#include <err.h>
#include <stdlib.h>
#include <string.h>

#include "common/fd.h"
#include "proto/syncthing.h"
#include "tests/bench/secured.h"
#include "tests/bench/sock.h"

struct devices {
	const struct devices_relay *relay;
	struct secured_key *joined, *asker;
	struct secured stream; /* of the one that joined */
};

/* A message and the bytes that its fields borrow. */
struct heard {
	struct syncthing_msg m;
	uint8_t bytes[SYNCTHING_MSG_MAX];
};

int
devices_relay_parse(struct devices_relay *relay, const char *text)
{
	static const char SCHEME[] = "relay://", ID[] = "/?id=";
	char place[ADDR_TEXT_CAP];
	const char *id = strstr(text, ID);
	size_t len;

	if (id == NULL || strncmp(text, SCHEME, sizeof SCHEME - 1) != 0)
		return -1;
	text += sizeof SCHEME - 1;
	len = (size_t)(id - text);
	if (len >= sizeof place)
		return -1;
	memcpy(place, text, len);
	place[len] = '\0';
	id += sizeof ID - 1;
	if (addr_parse(&relay->at, place) != 0)
		return -1;
	return deviceid_parse(relay->digest, id, strcspn(id, "&"));
}

static void
say(struct secured *s, const struct syncthing_msg *m)
{
	uint8_t buf[SYNCTHING_MSG_MAX];

	secured_write(s, buf, syncthing_encode(m, buf, sizeof buf));
}

static void
hear(struct secured *s, struct heard *h)
{
	size_t len, used;

	secured_read(s, h->bytes, SYNCTHING_HEADER_LEN);
	if (syncthing_measure(h->bytes, SYNCTHING_HEADER_LEN, &len) != PARSE_OK)
		errx(1, "the relay sent what is no message");
	secured_read(
	    s, h->bytes + SYNCTHING_HEADER_LEN, len - SYNCTHING_HEADER_LEN);
	if (syncthing_decode(&h->m, h->bytes, len, &used) != PARSE_OK)
		errx(1, "the relay sent what is no message");
}

static void
join(struct devices *d)
{
	static const struct syncthing_msg JOIN = {
	    .type = SYNCTHING_JOIN_RELAY_REQUEST};
	struct heard h;

	secured_open(
	    &d->stream, d->joined, sock_dial(&d->relay->at), d->relay->digest);
	say(&d->stream, &JOIN);
	hear(&d->stream, &h);
	if (h.m.type != SYNCTHING_RESPONSE ||
	    h.m.u.response.code != SYNCTHING_SUCCESS)
		errx(1, "the relay lets nobody join");
}

struct devices *
devices_new(const struct devices_relay *relay)
{
	/* As Go's clients offer them. */
	static const struct secured_form SYNCTHING = {
	    .cert = &SYNCTHING_CERT_FORM,
	    .ciphersuites = "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:"
			    "TLS_CHACHA20_POLY1305_SHA256",
	    .alpn = SYNCTHING_ALPN,
	};
	struct devices *d = calloc(1, sizeof *d);

	if (d == NULL)
		err(1, "calloc");
	d->relay = relay;
	d->joined = secured_key_new(&SYNCTHING);
	d->asker = secured_key_new(&SYNCTHING);
	join(d);
	return d;
}

static struct syncthing_bytes
key_in(const struct heard *h)
{
	if (h->m.type != SYNCTHING_SESSION_INVITATION)
		errx(1, "message %d came instead of an invitation",
		    (int)h->m.type);
	return h->m.u.invitation.key;
}

static void
ask(struct devices *d, struct heard *invitation)
{
	const struct syncthing_msg m = {
	    .type = SYNCTHING_CONNECT_REQUEST,
	    .u.id = {secured_key_digest(d->joined), DIGEST_LEN},
	};
	struct secured s;

	secured_open(&s, d->asker, sock_dial(&d->relay->at), d->relay->digest);
	say(&s, &m);
	hear(&s, invitation);
	secured_close(&s);
}

/* What else comes is a ping. */
static void
be_invited(struct devices *d, struct heard *invitation)
{
	static const struct syncthing_msg PONG = {.type = SYNCTHING_PONG};

	for (;;) {
		hear(&d->stream, invitation);
		if (invitation->m.type != SYNCTHING_PING)
			return;
		say(&d->stream, &PONG);
	}
}

/* Returns an end of the session; -1: strelaysrv sometimes takes the second who
 * comes for a third, if he is fast, and then that session is over. */
static int
bring(struct devices *d, const struct heard *invitation)
{
	const struct syncthing_msg m = {
	    .type = SYNCTHING_JOIN_SESSION_REQUEST,
	    .u.key = key_in(invitation),
	};
	const struct syncthing_msg yes = syncthing_response(SYNCTHING_SUCCESS);
	uint8_t buf[SYNCTHING_MSG_MAX], answer[SYNCTHING_MSG_MAX];
	size_t len = syncthing_encode(&m, buf, sizeof buf);
	int fd = sock_dial(&d->relay->at);

	sock_write(fd, buf, len);
	len = syncthing_encode(&yes, buf, sizeof buf);
	sock_read(fd, answer, len);
	if (memcmp(answer, buf, len) != 0)
		fd_close(&fd);
	return fd;
}

static int
try_to_meet(struct devices *d, int *asker, int *joined)
{
	struct heard asked, invited;

	ask(d, &asked);
	be_invited(d, &invited);
	*asker = bring(d, &asked);
	*joined = *asker != -1 ? bring(d, &invited) : -1;
	if (*joined != -1)
		return 0;
	fd_close(asker);
	return -1;
}

void
devices_meet(struct devices *d, int *asker, int *joined)
{
	enum { TRIES = 10 };
	int tries = 0;

	while (try_to_meet(d, asker, joined) != 0)
		if (++tries == TRIES)
			errx(1, "the relay refuses keys that it gave");
}

void
devices_free(struct devices *d)
{
	if (d == NULL)
		return;
	secured_close(&d->stream);
	secured_key_free(d->asker);
	secured_key_free(d->joined);
	free(d);
}
