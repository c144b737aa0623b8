#include "dataplane/listener.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/activation.h"
#include "common/fd.h"
#include "common/log.h"
#include "dataplane/node.h"

/* Where the newcomer dialled. */
static void
local_address(const struct listener *l, int fd, struct addr *a)
{
	struct sockaddr_storage ss = {0};
	socklen_t len = sizeof ss;

	if (l->kind == ADMISSION_LOCAL || !addr_is_unspecified(&l->bound)) {
		*a = l->bound; /* there is no other; zeros of a UNIX socket */
		return;
	}
	(void)getsockname(fd, (struct sockaddr *)&ss, &len);
	/* Zeros for one that was reset meanwhile. */
	(void)addr_from_sockaddr(a, (const struct sockaddr *)&ss);
}

int
listener_set_options(const struct config *c, int fd)
{
	if (fd_set_keepalive(fd, (int)c->keepalive_idle_s,
		(int)c->keepalive_interval_s, (int)c->keepalive_count) == -1 ||
	    fd_set_user_timeout(fd, c->user_timeout_ms) == -1)
		return -1;
	/* An urgent byte is a byte of the stream like any other here: the
	 * next one on the way may not know which it was. */
	return fd_set_oobinline(fd) == -1 ? -1 : fd_set_nodelay(fd);
}

static void
on_accept(void *arg, int fd, const struct sockaddr *peer)
{
	const struct listener *l = arg;
	struct node *n = l->node;
	struct pending_origin origin = {.fd = fd,
	    .is_unix = l->kind == ADMISSION_LOCAL,
	    .listener = l->index};
	enum reason why;

	n->account.counters[FIGURE_ACCEPTED]++;
	(void)addr_from_sockaddr(&origin.remote, peer); /* UNIX: zeros */
	why = admission_take(
	    &n->admissions, &origin.admission, &origin.remote, l->kind);
	if (why != REASON_NONE) {
		n->account.pending_ended[why]++;
		if (why == REASON_LIMIT_SOURCE)
			account_tell_source(n, &origin.remote, why);
		log_debug("conn-refused", "remote=%s reason=%s",
		    log_addr(&origin.remote).s, reason_name(why));
		fd_close(&fd);
		return;
	}
	if (l->is_passed) /* who came before we did has not inherited them */
		(void)listener_set_options(&n->config, fd);
	local_address(l, fd, &origin.here);
	(void)pending_new(n, &origin); /* it closes what it can't take */
}

/* Only the public ports are shared: who comes to accept_listen wants this
 * node. */
static int
bind_one(struct listener *l, const char *text)
{
	bool is_shared =
	    l->kind == ADMISSION_PUBLIC && l->node->config.reuse_port;
	struct addr a;

	if (addr_parse(&a, text) == -1) {
		errno = EINVAL;
		return -1;
	}
	l->fd = is_shared ? listen_tcp_shared(&a, &l->bound)
			  : listen_tcp(&a, &l->bound);
	if (l->fd == -1)
		return -1;
	(void)addr_format(&l->bound, l->text);
	return listener_set_options(&l->node->config, l->fd);
}

static int
bind_key(struct listener *l, const char *key, const char *text, char *why)
{
	if (bind_one(l, text) == 0)
		return 0;
	(void)snprintf(why, CONF_WHY_CAP,
	    "%s: can't bind %s: %s; is another process there, the address "
	    "not of this machine, or the port below 1024?",
	    key, text, strerror(errno));
	return -1;
}

static void
init(
    struct listener *l, struct node *n, uint8_t index, enum admission_kind kind)
{
	l->node = n;
	l->index = index;
	l->kind = kind;
	l->fd = -1;
}

/* Descriptors that the service manager keeps as well. */
static int
take_passed(struct node *n, char *why)
{
	struct activation_socket passed[IPC_LISTEN_MAX];
	size_t n_passed;

	if (activation_take(
		passed, IPC_LISTEN_MAX, &n_passed, why, CONF_WHY_CAP) == -1)
		return -1;
	for (size_t i = 0; i < n_passed; i++) {
		struct listener *l = &n->listeners[i];

		init(l, n, (uint8_t)i, ADMISSION_PUBLIC);
		l->fd = passed[i].fd;
		l->is_passed = true;
		l->bound = passed[i].bound;
		(void)addr_format(&l->bound, l->text);
		/* It is TCP, and open. */
		(void)listener_set_options(&n->config, l->fd);
	}
	n->n_listeners = n_passed;
	return 0;
}

static int
bind_public(struct node *n, char *why)
{
	const struct conf_list *texts = &n->config.listen;

	for (size_t i = 0; i < texts->n; i++) {
		init(&n->listeners[i], n, (uint8_t)i, ADMISSION_PUBLIC);
		n->n_listeners = i + 1;
		if (bind_key(
			&n->listeners[i], "listen", texts->items[i], why) == -1)
			return -1;
	}
	return 0;
}

int
listeners_bind(struct node *n, char *why)
{
	const char *accept = n->config.accept_listen;

	if (take_passed(n, why) == -1)
		return -1;
	if (n->n_listeners > 0)
		log_info("listeners-passed",
		    "n=%zu what=\"the service manager opened them: listen is "
		    "not bound\"",
		    n->n_listeners);
	else if (bind_public(n, why) == -1)
		return -1;
	if (accept[0] == '\0')
		return 0;
	init(&n->accept, n, IPC_LISTENER_LOCAL, ADMISSION_ACCEPT);
	return bind_key(&n->accept, "accept_listen", accept, why);
}

int
listeners_bind_local(struct node *n, const char *path, char *why)
{
	struct listener *l = &n->local;

	init(l, n, IPC_LISTENER_LOCAL, ADMISSION_LOCAL);
	l->fd = listen_unix(path, 0660);
	if (l->fd == -1) {
		(void)snprintf(why, CONF_WHY_CAP,
		    "can't bind %s: %s; the user of this process must be able "
		    "to write in that folder, and no other node may have this "
		    "name",
		    path, strerror(errno));
		return -1;
	}
	(void)stpcpy(n->accept_path, path); /* IPCPATH_MAX holds for it */
	return 0;
}

static int
accept_on(struct node *n, struct listener *l, const char *name)
{
	l->acceptor = acceptor_new(n->loop, l->fd, name, on_accept, l,
	    &n->account.counters[FIGURE_ACCEPT_BACKOFFS]);
	l->fd = -1; /* it is the acceptor's, or closed */
	return l->acceptor != NULL ? 0 : -1;
}

int
listeners_accept(struct node *n)
{
	for (size_t i = 0; i < n->n_listeners; i++)
		if (accept_on(n, &n->listeners[i], n->listeners[i].text) == -1)
			return -1;
	if (n->accept.node != NULL &&
	    accept_on(n, &n->accept, n->accept.text) == -1)
		return -1;
	if (n->local.node == NULL)
		return 0; /* control is on another host */
	return accept_on(n, &n->local, n->accept_path);
}

static void
close_one(struct listener *l)
{
	if (l->node == NULL)
		return; /* never bound */
	acceptor_free(l->acceptor);
	l->acceptor = NULL;
	fd_close(&l->fd);
}

void
listeners_close_public(struct node *n)
{
	for (size_t i = 0; i < n->n_listeners; i++) {
		struct listener *l = &n->listeners[i];

		if (!l->is_passed)
			acceptor_empty(l->acceptor);
		close_one(l);
	}
}

void
listeners_close(struct node *n)
{
	for (size_t i = 0; i < n->n_listeners; i++)
		close_one(&n->listeners[i]);
	close_one(&n->accept);
	close_one(&n->local);
	if (n->accept_path[0] != '\0')
		(void)unlink(n->accept_path); /* a start replaces it anyway */
	n->accept_path[0] = '\0';
}
