#include "tests/unit/client/both.h"

#include <check.h>
#include <string.h>
#include <unistd.h>

#define LOOK_MS 1 /* between looks at *n */

struct both both;

static const size_t *left;

void
both_setup(void)
{
	memset(&both, 0, sizeof both);
	both.loop = loop_new_boot();
	both.us = far_identity();
	both.them = far_identity();
	both.client = far_context(TLS_ROLE_CLIENT, both.us);
	both.server = far_context(TLS_ROLE_SERVER, both.them);
	both.listener = far_listen(&both.way.port);
	strcpy(both.way.host, "127.0.0.1");
	memcpy(both.way.digest, both.them->digest, DIGEST_LEN);
}

void
both_teardown(void)
{
	loop_free(both.loop);
	SSL_CTX_free(both.client);
	SSL_CTX_free(both.server);
	identity_free(both.us);
	identity_free(both.them);
	if (both.listener != -1)
		(void)close(both.listener);
}

static void
on_look(struct deadline *d, void *arg)
{
	(void)arg;
	if (*left == 0)
		loop_stop(both.loop);
	else
		ck_assert_int_eq(loop_arm(both.loop, d, LOOK_MS), 0);
}

void
both_run_until_none(const size_t *n)
{
	struct deadline look;

	left = n;
	deadline_init(&look, on_look, NULL);
	ck_assert_int_eq(loop_arm(both.loop, &look, LOOK_MS), 0);
	ck_assert_int_eq(loop_run(both.loop), 0);
	loop_disarm(both.loop, &look);
}
