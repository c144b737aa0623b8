#include "tests/unit/dataplane/far_node.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"

struct far far;

static void
keep(const void *p, size_t len)
{
	far.sent[1] = far.sent[0];
	memcpy(far.sent[0].env, p, len);
	far.sent[0].len = len;
	far.n_sent++;
}

static void
check_commands_pipeline(void)
{
	ck_assert_str_eq(fake_links.commands_url, "tcp://0.0.0.0:7448");
	ck_assert_uint_eq(fake_links.max_len, SEAL_MSG_CAP);
	ck_assert_ptr_eq(fake_links.receive_arg, far.node);
}

static void
set_up_config(struct config *c, const char *events_url)
{
	char url[320] = "events_url=";
	const char *const SETTINGS[] = {"name=n1", "workers=1",
	    "pipe_bytes=65536", "link_key=/link.key",
	    "commands_listen=0.0.0.0:7448", "accept_listen=0.0.0.0:7449", url};
	char why[CONF_WHY_CAP];

	(void)strcat(url, events_url);
	ck_assert_msg(config_load(c, NULL, SETTINGS, 7, why) == 0, "%s", why);
}

void
far_begin(const char *events_url)
{
	const char *why;

	memset(&far, 0, sizeof far);
	fake_links_begin(keep);
	far.node = calloc(1, sizeof *far.node);
	ck_assert_ptr_nonnull(far.node);
	log_setup(LOG_LEVEL_ERROR, LOG_ADDRESSES_FULL);
	set_up_config(&far.node->config, events_url);
	(void)stpcpy(far.link.name, "n1");
	memset(far.link.key, 0xc1, SEAL_KEY_LEN);
	far.node->sealed.on = true;
	far.node->sealed.link = far.link;
	ck_assert_int_eq(node_init(far.node), 0);
	ck_assert_int_eq(link_start(far.node, "tcp://0.0.0.0:7448", &why), 0);
	check_commands_pipeline();
}

void
far_end(void)
{
	check_commands_pipeline();
	seal_session_end(&far.control);
	node_fini(far.node);
	config_free(&far.node->config);
	free(far.node);
}

void
far_rounds(int n)
{
	while (n-- > 0)
		ck_assert_int_eq(loop_turn(far.node->loop), 0);
}

void
far_advance(uint64_t ms)
{
	while (ms > 0) {
		uint64_t step = ms < 50 ? ms : 50;

		fake_now_ms += step;
		ms -= step;
		far_rounds(1);
	}
}

void
far_receive(const uint8_t *p, size_t len)
{
	fake_links.receive(far.node, p, len);
}

struct ipc_msg
far_hello(void)
{
	static uint8_t buf[IPC_MSG_CAP];
	struct seal_parts parts;
	struct ipc_msg m;
	size_t len;

	ck_assert_int_eq(
	    seal_parse(&parts, far.sent[0].env, far.sent[0].len), PARSE_OK);
	ck_assert_int_eq(parts.head.form, SEAL_HELLO);
	memcpy(far.phase, parts.head.phase, SEAL_PHASE_LEN);
	len = seal_open_hello(&far.link, &parts, buf);
	ck_assert_uint_gt(len, 0);
	ck_assert_int_eq(ipc_decode(&m, buf, len, IPC_EVENT), PARSE_OK);
	return m;
}

size_t
far_welcome(uint64_t session, uint8_t *env)
{
	struct ipc_msg m = {
	    .type = IPC_WELCOME, .from = session, .to = far.node->link.epoch};
	uint8_t buf[IPC_MSG_CAP];
	size_t len;

	(void)stpcpy(m.u.welcome.build, "test");
	len = ipc_encode(&m, buf, sizeof buf);
	return seal_put_welcome(&far.link, far.phase, m.to, buf, len, env);
}

void
far_session(uint64_t session)
{
	uint8_t env[SEAL_MSG_CAP];

	(void)far_hello();
	far_receive(env, far_welcome(session, env));
	ck_assert_uint_eq(far.node->link.session, session);
	ck_assert_int_eq(seal_session_begin(&far.control, &far.link,
			     SEAL_AT_CONTROL, far.node->link.epoch, session),
	    0);
}

size_t
far_command(struct ipc_msg m, uint8_t *env)
{
	uint8_t buf[IPC_MSG_CAP];
	size_t len;

	m.from = far.control.ours;
	m.to = far.control.theirs;
	len = ipc_encode(&m, buf, sizeof buf);
	ck_assert_uint_gt(len, 0);
	return seal_session_put(&far.control, buf, len, env);
}

struct ipc_msg
far_event(size_t i)
{
	static uint8_t buf[IPC_MSG_CAP];
	struct seal_parts parts;
	struct ipc_msg m;
	size_t len;

	ck_assert_int_eq(
	    seal_parse(&parts, far.sent[i].env, far.sent[i].len), PARSE_OK);
	ck_assert_int_eq(
	    seal_session_open(&far.control, &parts, buf, &len), SEAL_OPENED);
	ck_assert_int_eq(ipc_decode(&m, buf, len, IPC_EVENT), PARSE_OK);
	return m;
}
