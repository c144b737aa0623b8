/*
 * nanomsg fails under the session: each nn_send and nn_recv of the node in
 * turn. A node and a control played by hand talk over real pipelines; whatever
 * failed, in the end a connection was asked about and its verdict was heard.
 */
#include <check.h>
#include <errno.h>
#include <nanomsg/nn.h>
#include <nanomsg/pipeline.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/log.h"
#include "dataplane/node.h"
#include "tests/unit/dataplane/fake_clock.h"
#include "tests/unit/dataplane/sockets.h"
#include "tests/unit/suite.h"

#define CALLS_MAX 1000 /* more than a session makes */
#define PATIENCE  2000 /* rounds of 1 ms */
#define STEP_MS	  50

static const struct fault {
	bool of_send;
	int error;
} FAULTS[] = {
    {true, EAGAIN}, /* it waits in our queue */
    {true, EINTR},
    {true, ETERM}, /* the session is given up, and another begun */
    {false, EAGAIN},
    {false, EINTR},
    {false, ETERM},
};

static const struct fault *fault;
static bool armed; /* the node is running, not control */
static int n_calls, failing_call;

int __real_nn_send(int s, const void *p, size_t len, int flags);
int __wrap_nn_send(int s, const void *p, size_t len, int flags);
int __real_nn_recv(int s, void *p, size_t len, int flags);
int __wrap_nn_recv(int s, void *p, size_t len, int flags);

static bool
fails(bool is_send)
{
	if (!armed || is_send != fault->of_send || ++n_calls != failing_call)
		return false;
	errno = fault->error;
	return true;
}

int
__wrap_nn_send(int s, const void *p, size_t len, int flags)
{
	return fails(true) ? -1 : __real_nn_send(s, p, len, flags);
}

int
__wrap_nn_recv(int s, void *p, size_t len, int flags)
{
	return fails(false) ? -1 : __real_nn_recv(s, p, len, flags);
}

static char dir[] = "/tmp/carrick-XXXXXX";
static char events_url[64], commands_url[64];
static struct node *node;
static struct loop *control;
static struct nnlink_in *events;
static struct nnlink_out *commands;
static uint64_t session; /* counts up */

static void
tell(struct ipc_msg *m, uint64_t to)
{
	uint8_t buf[IPC_MSG_CAP];
	size_t len;

	m->from = session;
	m->to = to;
	len = ipc_encode(m, buf, sizeof buf);
	ck_assert_uint_gt(len, 0);
	ck_assert_int_eq(nnlink_send(commands, buf, len), 0);
}

static void
on_hello(const struct ipc_msg *m)
{
	struct ipc_msg welcome = {.type = IPC_WELCOME};

	if (commands == NULL)
		commands = nnlink_out_new(control, commands_url, 64);
	ck_assert_ptr_nonnull(commands);
	session++;
	(void)stpcpy(welcome.u.welcome.build, "test");
	tell(&welcome, m->from);
}

static void
on_event(void *arg, const void *p, size_t len)
{
	struct ipc_msg m, answer = {0};

	(void)arg;
	ck_assert_int_eq(ipc_decode(&m, p, len, IPC_EVENT), PARSE_OK);
	if (m.type == IPC_NODE_HELLO)
		on_hello(&m);
	if (m.to != session)
		return;
	if (m.type == IPC_CONN_OPEN) {
		answer.type = IPC_CONN_DROP;
		answer.u.conn_drop.conn = m.u.conn_open.conn;
		answer.u.conn_drop.how = IPC_DROP_RESET;
		tell(&answer, m.from);
	} else if (m.type == IPC_NODE_BEAT) {
		answer.type = IPC_CONTROL_BEAT;
		tell(&answer, m.from);
	}
}

/* Time passes for the node, and nanomsg's own threads have a moment. */
static void
look(void)
{
	fake_now_ms += STEP_MS;
	armed = true;
	ck_assert_int_eq(loop_turn(node->loop), 0);
	armed = false;
	ck_assert_int_eq(loop_turn(control), 0);
	(void)poll(NULL, 0, 1);
}

static void
begin(void)
{
	char url[80], why[CONF_WHY_CAP];
	const char *const settings[] = {"name=n1", "workers=1", url};
	const char *step;

	(void)snprintf(url, sizeof url, "events_url=%s", events_url);
	node = calloc(1, sizeof *node);
	ck_assert_int_eq(config_load(&node->config, NULL, settings, 3, why), 0);
	control = loop_new();
	events = nnlink_in_new(
	    control, events_url, 0600, IPC_MSG_CAP, on_event, NULL, NULL);
	ck_assert_ptr_nonnull(events);
	ck_assert_int_eq(node_init(node), 0);
	ck_assert_int_eq(link_start(node, commands_url, &step), 0);
}

static void
end(void)
{
	node_fini(node);
	config_free(&node->config);
	free(node);
	nnlink_out_free(commands);
	commands = NULL;
	nnlink_in_free(events);
	loop_free(control);
}

static int
come(void)
{
	struct pending_origin origin = {.remote = {.ip = {[15] = 1}}};
	int fds[2];

	sockets_tcp(fds);
	origin.fd = fds[THEIRS];
	ck_assert_int_eq(admission_take(&node->admissions, &origin.admission,
			     &origin.remote, ADMISSION_PUBLIC),
	    REASON_NONE);
	ck_assert_int_eq(pending_new(node, &origin), 0);
	sockets_put(fds[OURS], "x", 1);
	return fds[OURS];
}

/* Returns whether a call failed. */
static bool
live_once(void)
{
	int peer;

	n_calls = 0;
	begin();
	for (int i = 0; !link_in_session(node); i++, look())
		ck_assert_int_lt(i, PATIENCE);
	peer = come();
	for (int i = 0; node->account.pending_ended[REASON_DROPPED] == 0;
	     i++, look())
		ck_assert_int_lt(i, PATIENCE);
	fd_close(&peer);
	for (int i = 0; i < 2000 / STEP_MS; i++)
		look(); /* some beats */
	ck_assert_uint_eq(node->admissions.n[ADMISSION_PUBLIC], 0);
	ck_assert_uint_eq(node->pendings.n, 0);
	ck_assert_uint_eq(node->budget.sources.n, 0);
	end();
	return n_calls >= failing_call;
}

START_TEST(the_session_outlives_each_failure)
{
	int n_fds, keeper;

	fault = &FAULTS[_i];
	log_setup(LOG_LEVEL_ERROR, LOG_ADDRESSES_FULL);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(
	    events_url, sizeof events_url, "ipc://%s/events.ipc", dir);
	(void)snprintf(
	    commands_url, sizeof commands_url, "ipc://%s/n1.ipc", dir);
	/* nanomsg ends its threads with its last socket: keep one. */
	keeper = nn_socket(AF_SP, NN_PULL);
	failing_call = CALLS_MAX;
	ck_assert(!live_once());
	n_fds = sockets_n_fds();
	for (failing_call = 1; live_once(); failing_call++)
		ck_assert_int_eq(sockets_n_fds(), n_fds);
	ck_assert_int_gt(failing_call, 4);
	(void)nn_close(keeper);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("link_faults");

	tcase_set_timeout(t, 50);
	tcase_add_loop_test(t, the_session_outlives_each_failure, 0,
	    (int)(sizeof FAULTS / sizeof FAULTS[0]));
	return suite_run("link_faults", (TCase *[]){t, NULL});
}
