#include "dataplane/start.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/exitcode.h"
#include "common/log.h"
#include "common/notify.h"
#include "common/privilege.h"
#include "common/nnlink.h"
#include "dataplane/limits.h"
#include "dataplane/sandbox.h"

#define DIR_WAIT_MS 10000 /* for control, which makes the IPC folder */
#define DIR_LOOK_MS 100

/* Where the node's own sockets are; over tcp:// commands_url alone. */
struct places {
	char dir[IPCPATH_CAP];
	char commands_url[IPCPATH_URL_CAP];
	char accept_path[IPCPATH_CAP];
};

static int
fail(char *why, const char *what)
{
	(void)snprintf(why, CONF_WHY_CAP, "%s: %s", what, strerror(errno));
	return -1;
}

/* config_load has checked that all of them fit, or that it is an address. */
static void
find_places(const struct config *c, struct places *at)
{
	struct addr a;

	memset(at, 0, sizeof *at);
	if (nnlink_is_tcp(c->events_url)) {
		(void)addr_parse(&a, c->commands_listen);
		(void)nnlink_tcp_url(&a, at->commands_url);
		return;
	}
	(void)ipcpath_dir_of(at->dir, sizeof at->dir, c->events_url);
	(void)ipcpath_commands(
	    at->commands_url, sizeof at->commands_url, at->dir, c->name);
	(void)ipcpath_accept(
	    at->accept_path, sizeof at->accept_path, at->dir, c->name);
}

static int
look_up_user(const struct config *c, struct privilege_user *u, char *why)
{
	char detail[256];

	if (geteuid() != 0 && getuid() != 0)
		return 0; /* it stays who it is */
	if (privilege_lookup(u, c->user, detail, sizeof detail) == 0)
		return 0;
	(void)snprintf(why, CONF_WHY_CAP,
	    "user: %s; make that user, or name another with user:", detail);
	return -1;
}

static int
drop_privilege(const struct privilege_user *u, char *why)
{
	const char *step;

	/* Preambles of strangers are in this memory. */
	if (privilege_drop(u, &step) == 0 && privilege_hide(&step) == 0)
		return 0;
	(void)snprintf(why, CONF_WHY_CAP,
	    "the rights of this process can't be given up (%s): %s", step,
	    strerror(errno));
	return -1;
}

/* Control may be started at the same moment, and makes the folder. */
static int
await_dir(const char *dir, char *why)
{
	const struct timespec pause = {.tv_nsec = DIR_LOOK_MS * 1000000L};
	struct stat st;

	for (int ms = 0; stat(dir, &st) == -1; ms += DIR_LOOK_MS) {
		if (errno != ENOENT || ms >= DIR_WAIT_MS) {
			(void)snprintf(why, CONF_WHY_CAP,
			    "the IPC folder %s: %s; carrick-control makes it: "
			    "start it first, with the same events_url",
			    dir, strerror(errno));
			return -1;
		}
		if (ms == 0)
			log_info(
			    "awaiting-control", "folder=%s", log_str(dir).s);
		(void)nanosleep(&pause, NULL); /* a signal ends the process */
	}
	return 0;
}

static int
join_control(struct node *n, const struct places *at, char *why)
{
	const char *step;

	bool is_near = at->dir[0] != '\0';

	if (is_near && (await_dir(at->dir, why) == -1 ||
			   listeners_bind_local(n, at->accept_path, why) == -1))
		return -1;
	if (link_start(n, at->commands_url, &step) == 0)
		return 0;
	(void)snprintf(why, CONF_WHY_CAP, "can't %s (%s): %s; %s", step,
	    at->commands_url, strerror(errno),
	    is_near ? "the user of this process must be able to write in that "
		      "folder, and no other node may have this name"
		    : "is another process there, the address not of this "
		      "machine, or the port below 1024?");
	return -1;
}

static int
begin_work(struct node *n, char *why)
{
	const char *step;

	if (node_start_workers(n) == -1)
		return fail(why, "a worker thread can't be started");
	if (loop_on_signal(n->loop, SIGTERM, stop_signal, n) == -1 ||
	    loop_on_signal(n->loop, SIGINT, stop_signal, n) == -1)
		return fail(why, "signals can't be watched");
	if (sandbox_seal(&step) == -1)
		return fail(why, step);
	if (listeners_accept(n) == -1)
		return fail(why, "the listeners can't be watched");
	return 0;
}

static void
say_ready(const struct node *n)
{
	char text[(IPC_LISTEN_MAX + 1) * (ADDR_TEXT_CAP + 8)] = "";
	size_t len = 0;

	for (size_t i = 0; i < n->n_listeners; i++)
		len += (size_t)snprintf(text + len, sizeof text - len,
		    " listen=%s", n->listeners[i].text);
	if (n->accept.node != NULL)
		(void)snprintf(text + len, sizeof text - len, " accept=%s",
		    n->accept.text);
	log_info("ready", "name=%s uid=%u%s", n->config.name,
	    (unsigned)getuid(), text);
	if (notify_manager("READY=1") == -1)
		log_warn("notify-failed", "error=\"%s\"", strerror(errno));
}

int
start_node(struct node *n, char *why)
{
	struct privilege_user user;
	struct places at;

	find_places(&n->config, &at);
	(void)umask(007); /* its sockets are for its own group */
	if (limits_apply(&n->config, why) == -1 ||
	    look_up_user(&n->config, &user, why) == -1)
		return EXITCODE_CONFIG;
	/* Root's two uses: its own key file, and ports below 1024. */
	if (sealed_load(&n->sealed, &n->config, why) == -1)
		return EXITCODE_CONFIG;
	if (listeners_bind(n, why) == -1)
		return EXITCODE_TRY_AGAIN;
	if (drop_privilege(&user, why) == -1)
		return EXITCODE_CONFIG;
	/* From here on nothing is privileged, and no file is read but what
	 * looking up control's name takes. */
	if (node_init(n) == -1) {
		(void)fail(why, "the node can't be set up");
		return EXITCODE_TRY_AGAIN;
	}
	if (join_control(n, &at, why) == -1 || begin_work(n, why) == -1)
		return EXITCODE_TRY_AGAIN;
	say_ready(n);
	return EXITCODE_OK;
}
