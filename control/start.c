#include "control/start.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/exitcode.h"
#include "common/fd.h"
#include "common/log.h"
#include "common/notify.h"
#include "common/privilege.h"
#include "common/rundir.h"
#include "control/admin.h"
#include "control/control.h"
#include "control/link.h"
#include "control/syncthing_status.h"

enum { IPC_FOLDER_MODE = 02770 }; /* proto/IPC.md 1 */

/* For a node, a few streams and HTTP. With none left at its start nanomsg ends
 * the process without a word of ours. */
enum { DESCRIPTORS_MIN = 128 };

static int
fail(int code, const char *what, const char *why)
{
	log_error("start-failed", "what=%s why=\"%s\"", what, why);
	return code;
}

/* Streams that have no place among max_control_streams, or not yet. */
static uint64_t
n_late_streams(const struct config *config)
{
	return config_serves(config, frontend_syncthing.name)
		   ? (uint64_t)config->max_handshakes + EARLY_MAX
		   : 0;
}

/* One for our end of each control stream and each that lingers; nanomsg takes
 * about six for each node; HTTP; the rest for files and this and that. */
static int
raise_limits(const struct control *c)
{
	uint64_t needed = c->config.max_control_streams +
			  n_late_streams(&c->config) + LINGERS_MAX +
			  6 * c->config.max_splice_nodes + 2 * ADMIN_BURST +
			  SYNCTHING_STATUS_BURST + 64;
	uint64_t limit = 0;
	char why[128];

	if (fd_raise_limit(&limit) != 0) {
		(void)snprintf(why, sizeof why,
		    "their limit can't be raised to the hard one: %s; is that "
		    "above fs.nr_open?",
		    strerror(errno));
		return fail(EXITCODE_CONFIG, "descriptors", why);
	}
	if (limit < DESCRIPTORS_MIN) {
		(void)snprintf(why, sizeof why,
		    "the hard limit is %llu, and %d are the least: raise it "
		    "(ulimit -Hn, LimitNOFILE=)",
		    (unsigned long long)limit, DESCRIPTORS_MIN);
		return fail(EXITCODE_CONFIG, "descriptors", why);
	}
	if (limit < needed)
		log_warn("descriptor-limit",
		    "limit=%llu needed=%llu what=\"raise it (ulimit -n, "
		    "LimitNOFILE=) or lower max_control_streams\"",
		    (unsigned long long)limit, (unsigned long long)needed);
	else
		log_info("descriptor-limit", "limit=%llu needed=%llu",
		    (unsigned long long)limit, (unsigned long long)needed);
	return EXITCODE_OK;
}

static void
log_identities(const struct control *c)
{
	char digest[FRONTEND_ID_CAP];

	for (size_t i = 0; i < c->identities.n; i++) {
		const struct relay_identity *who = &c->identities.list[i];
		const struct frontend *f = who->frontend;

		log_info("identity", "frontend=%s digest=%s%s%s retiring=%s",
		    f->name, f->format_digest(who->id->digest, digest),
		    f->dialect_name != NULL ? " dialect=" : "",
		    f->dialect_name != NULL ? f->dialect_name(who->dialect)
					    : "",
		    who->is_retiring ? "true" : "false");
	}
}

static int
check_identities(const struct config *config, char *why)
{
	struct identities ids = {.n = 0};
	char detail[CONFIG_WHY_CAP] = "";
	int rc = identities_load(&ids, config, false, detail);

	identities_free(&ids);
	if (rc != 0)
		(void)snprintf(
		    why, CONFIG_WHY_CAP, "identities: %.480s", detail);
	return rc;
}

static int
check_seals(const struct config *config, char *why)
{
	struct seals seals = {.on = false};
	int rc = seals_load(&seals, config, why);

	seals_free(&seals);
	return rc;
}

static int
check_syncthing(const struct config *config, char *why)
{
	struct syncthing syncthing = {.has_token = false};
	int rc = syncthing_load(&syncthing, config, why);

	syncthing_free(&syncthing);
	return rc;
}

int
control_check_keys(const struct config *config)
{
	char why[CONFIG_WHY_CAP] = "";

	if (check_identities(config, why) == 0 &&
	    check_seals(config, why) == 0 && check_syncthing(config, why) == 0)
		return EXITCODE_OK;
	(void)fprintf(stderr, "carrick-control: %s\n", why);
	return EXITCODE_CONFIG;
}

/* Whoever can write there can take a node's place, or ours. who: who we are,
 * or will be. */
static int
check_folder(const char *dir, uid_t who)
{
	char why[192];
	struct stat st;

	if (stat(dir, &st) != 0)
		return fail(EXITCODE_CONFIG, dir, strerror(errno));
	if (st.st_uid != 0 && st.st_uid != who)
		(void)snprintf(why, sizeof why,
		    "the folder of events_url belongs to user id %lu, who "
		    "could take the nodes' places: chown it to root or to "
		    "user id %lu, or name another folder",
		    (unsigned long)st.st_uid, (unsigned long)who);
	else if ((st.st_mode & S_IWOTH) != 0)
		(void)snprintf(why, sizeof why,
		    "the folder of events_url may be written to by everybody, "
		    "who could take the nodes' places: chmod o-w it, or name "
		    "another folder");
	else
		return EXITCODE_OK;
	return fail(EXITCODE_CONFIG, dir, why);
}

/* The folder of the sockets; its owner is who binds there: user. */
static int
make_folder(struct control *c, const struct privilege_user *user)
{
	char dir[IPCPATH_CAP];
	struct stat st;
	bool is_new;

	if (c->seals.on)
		return EXITCODE_OK; /* the nodes are on other hosts */
	if (ipcpath_dir_of(dir, sizeof dir, c->config.events_url) != 0)
		return fail(EXITCODE_CONFIG, "events_url", strerror(errno));
	is_new = stat(dir, &st) != 0;
	if (rundir_make(dir, IPC_FOLDER_MODE) != 0)
		return fail(EXITCODE_CONFIG, dir, strerror(errno));
	if (!is_new)
		return check_folder(dir, user != NULL ? user->uid : geteuid());
	if (user == NULL)
		return EXITCODE_OK;
	/* chown clears the set-group-ID bit on some file systems. */
	if (chown(dir, user->uid, user->gid) != 0 ||
	    chmod(dir, IPC_FOLDER_MODE) != 0)
		return fail(EXITCODE_CONFIG, dir, strerror(errno));
	return EXITCODE_OK;
}

static void
on_stop_signal(void *arg)
{
	struct control *c = arg;

	log_info("stopping", "why=signal");
	loop_stop(c->loop);
}

static int
open_loop(struct control *c)
{
	c->loop = loop_new();
	if (c->loop == NULL ||
	    loop_on_signal(c->loop, SIGTERM, on_stop_signal, c) != 0 ||
	    loop_on_signal(c->loop, SIGINT, on_stop_signal, c) != 0)
		return fail(EXITCODE_TRY_AGAIN, "loop", strerror(errno));
	c->started_ms = loop_now_ms(c->loop);
	return EXITCODE_OK;
}

static int
become(const struct privilege_user *user)
{
	bool stays_root = user == NULL && geteuid() == 0;
	const char *step;

	if (stays_root)
		log_warn("running-as-root",
		    "what=\"control needs no right of root: set user\"");
	/* The relay's keys are in this memory. */
	if ((!stays_root && privilege_drop(user, &step) != 0) ||
	    privilege_hide(&step) != 0)
		return fail(EXITCODE_CONFIG, step, strerror(errno));
	return EXITCODE_OK;
}

static int
open_tls(struct control *c)
{
	char why[CONFIG_WHY_CAP] = "";

	if (identities_open_tls(&c->identities, why) != 0)
		return fail(EXITCODE_CONFIG, "tls", why);
	return EXITCODE_OK;
}

/* Every table, none of which is shared with anybody yet. */
static int
open_tables(struct control *c)
{
	const struct conf_list *names = &c->config.frontends;

	if (frontends_init(&c->frontends) != 0)
		return fail(EXITCODE_TRY_AGAIN, "tables", strerror(ENOMEM));
	for (size_t i = 0; i < names->n; i++)
		(void)frontends_enable(&c->frontends, names->items[i]);
	networks_init(&c->trusted_proxies, &c->config.trusted_proxies);
	if (refusals_init(&c->refusals, c->started_ms) != 0 ||
	    budget_init(&c->budget, &c->config) != 0 ||
	    pairs_init(&c->pairs) != 0 || registry_init(&c->registry) != 0 ||
	    early_init(&c->early) != 0 || tokens_init(&c->tokens) != 0 ||
	    tickets_init(c) != 0 || hops_init(&c->hops) != 0 ||
	    traffic_init(c) != 0 || nodes_init(c) != 0)
		return fail(EXITCODE_TRY_AGAIN, "tables", strerror(errno));
	return EXITCODE_OK;
}

static const char *
why_no_link(const struct control *c, int error)
{
	switch (error) {
	case EADDRINUSE:
		return c->seals.on ? "another process listens there"
				   : "another carrick-control uses this folder";
	case EEXIST:
		return "a file that is no socket is in the way: move it away";
	case EACCES:
		return c->seals.on ? "this user may not have a port below 1024"
				   : "this user may not write in that folder: "
				     "chown it, or name another one in "
				     "events_url";
	default:
		return strerror(error);
	}
}

static int
open_link(struct control *c)
{
	if (link_open(c) == 0)
		return EXITCODE_OK;
	return fail(
	    EXITCODE_TRY_AGAIN, c->config.events_url, why_no_link(c, errno));
}

static void
be_ready(struct control *c)
{
	const struct relay_identity *who = &c->identities.list[0];
	char digest[FRONTEND_ID_CAP];

	log_identities(c);
	publish_advertised(c);
	log_info("ready", "version=%s digest=%s events=%s admin_socket=%s",
	    CARRICK_VERSION,
	    who->frontend->format_digest(who->id->digest, digest),
	    c->config.events_url, c->config.admin_socket);
	if (notify_manager("READY=1") != 0)
		log_warn("notify-failed", "why=\"%s\"", strerror(errno));
}

int
control_start(struct control *c)
{
	struct privilege_user who, *user = NULL;
	char why[CONFIG_WHY_CAP] = "";
	int rc;

	(void)umask(07); /* our sockets are for our group as well */
	if ((rc = raise_limits(c)) != EXITCODE_OK)
		return rc;
	if (c->config.user[0] != '\0') {
		if (privilege_lookup(&who, c->config.user, why, sizeof why) !=
		    0)
			return fail(EXITCODE_CONFIG, "user", why);
		user = geteuid() == 0 ? &who : NULL;
	}
	/* As who we were started: the keys are root's to read, a port below
	 * 1024 root's to bind, and the sockets' folder root's to make. */
	if (identities_load(&c->identities, &c->config, true, why) != 0)
		return fail(EXITCODE_CONFIG, "identities", why);
	if (seals_load(&c->seals, &c->config, why) != 0)
		return fail(EXITCODE_CONFIG, "seals", why);
	if (syncthing_load(&c->syncthing, &c->config, why) != 0)
		return fail(EXITCODE_CONFIG, "syncthing_token_file", why);
	if ((rc = make_folder(c, user)) != EXITCODE_OK ||
	    (rc = open_loop(c)) != EXITCODE_OK)
		return rc;
	if (admin_new(c, why) != 0)
		return fail(EXITCODE_TRY_AGAIN, "admin", why);
	if (syncthing_status_open(c, why) != 0)
		return fail(EXITCODE_TRY_AGAIN, "syncthing_status_listen", why);
	/* As who we are from now on: before nanomsg, whose sockets must be
	 * removable at the end, and before any thread of its. */
	if ((rc = become(user)) != EXITCODE_OK ||
	    (rc = open_tls(c)) != EXITCODE_OK ||
	    (rc = open_tables(c)) != EXITCODE_OK ||
	    (rc = open_link(c)) != EXITCODE_OK)
		return rc;
	be_ready(c);
	return EXITCODE_OK;
}

/* Streams first, so that their clients are told; what refers to another
 * before that other. */
void
control_stop(struct control *c)
{
	if (c->loop != NULL) {
		streams_fini(c);
		registry_end_calls(c);
		lingers_fini(c);
		nodes_fini(c);
		traffic_fini(c);
	}
	link_close(c);
	seals_free(&c->seals);
	syncthing_free(&c->syncthing);
	pairs_fini(&c->pairs);
	registry_fini(&c->registry);
	early_fini(&c->early);
	tokens_fini(&c->tokens);
	hops_fini(&c->hops);
	tickets_fini(&c->tickets);
	frontends_fini(&c->frontends);
	budget_fini(&c->budget);
	syncthing_status_close(c);
	admin_free(c);
	identities_free(&c->identities);
	loop_free(c->loop);
}
