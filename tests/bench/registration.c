#include "tests/bench/registration.h"

#include <err.h>
#include <stdlib.h>

#include "tests/bench/route.h"
#include "tests/bench/secured.h"
#include "tests/bench/sock.h"

struct registration {
	struct secured_key *key;
	struct secured stream;
};

struct registration *
registration_new(const struct url *relay)
{
	static const struct secured_form TX3 = {
	    .cert = &TX3_CERT_FORM,
	    .ciphersuites = TX3_CIPHERSUITES,
	    .sni = TX3_SNI,
	};
	struct registration *r = calloc(1, sizeof *r);
	struct addr at;
	uint8_t all_clear;
	int fd;

	if (r == NULL)
		err(1, "calloc");
	r->key = secured_key_new(&TX3);
	route_relay_addr(relay, &at);
	fd = sock_dial(&at);
	sock_write(fd, relay->digest, DIGEST_LEN);
	secured_open(&r->stream, r->key, fd, relay->digest);
	secured_read(&r->stream, &all_clear, 1);
	if (all_clear != TX3_ALL_CLEAR)
		errx(1, "the relay's all-clear is %u", all_clear);
	return r;
}

const uint8_t *
registration_digest(const struct registration *r)
{
	return secured_key_digest(r->key);
}

void
registration_token(struct registration *r, uint8_t token[TX3_TOKEN_LEN])
{
	secured_read(&r->stream, token, TX3_TOKEN_LEN);
}

void
registration_free(struct registration *r)
{
	if (r == NULL)
		return;
	secured_close(&r->stream);
	secured_key_free(r->key);
	free(r);
}
