#include "tests/unit/client/relay_world.h"

#include <check.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/clock.h"
#include "tests/unit/client/far.h"

#define SLEEP_MS (60 * 60 * 1000)

struct relay_world w;

uint64_t __real_clock_boot_ms(void);
uint64_t __wrap_clock_boot_ms(void);

/* The machine's sleep: the clock that goes on in it jumps ahead. */
uint64_t
__wrap_clock_boot_ms(void)
{
	return __real_clock_boot_ms() + w.slept_ms;
}

void
relay_world_setup(void)
{
	both_setup();
	memset(&w, 0, sizeof w);
}

void
relay_world_teardown(void)
{
	relay_free(w.relay);
	both_teardown();
}

static void
on_registered(void *arg)
{
	(void)arg;
	if (++w.n_registered == w.stop_at)
		loop_stop(both.loop);
	else if (w.sleeps)
		w.slept_ms += SLEEP_MS;
}

static void
on_peer(void *arg, const struct tx3_notice *notice, const struct addr *addr)
{
	(void)arg;
	ck_assert(addr_is_loopback(addr));
	w.notice = *notice;
	w.n_peers++;
	loop_stop(both.loop);
}

static void
on_hopeless(void *arg, const struct fault *fault)
{
	(void)arg;
	w.fault = *fault;
	loop_stop(both.loop);
}

void
relay_world_play(void *(*script)(void *))
{
	static const struct relay_events events = {
	    on_registered, on_peer, on_hopeless};
	pthread_t thread;

	far_start(&thread, script, NULL);
	w.relay = relay_start(
	    both.loop, &both.way, both.client, w.fixed, &events, NULL);
	ck_assert_ptr_nonnull(w.relay);
	ck_assert_int_eq(loop_run(both.loop), 0);
	relay_free(w.relay);
	w.relay = NULL;
	far_join(thread);
}

SSL *
relay_world_take(void)
{
	uint8_t preamble[TX3_PREAMBLE_LEN];
	int fd = accept(both.listener, NULL, NULL);
	SSL *ssl;

	ck_assert_int_ne(fd, -1);
	ck_assert_int_eq(
	    recv(fd, preamble, sizeof preamble, MSG_WAITALL), sizeof preamble);
	ck_assert_mem_eq(preamble, both.way.digest, sizeof preamble);
	ssl = far_tls(both.server, fd, TLS_ROLE_SERVER);
	if (ssl == NULL)
		(void)close(fd);
	return ssl;
}

SSL *
relay_world_clear(void)
{
	SSL *ssl = relay_world_take();

	ck_assert_ptr_nonnull(ssl);
	far_ssl_write(ssl, "\0", 1);
	return ssl;
}
