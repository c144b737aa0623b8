#include "control/ticket.h"

#include <errno.h>
#include <event2/event.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/ipcpath.h"
#include "common/secret.h"
#include "control/arrival.h"
#include "control/control.h"

int
tickets_init(struct control *c)
{
	return table_init(
	    &c->tickets.streams, TICKET_LEN, c->config.max_handshakes);
}

void
tickets_fini(struct tickets *ts)
{
	table_fini(&ts->streams);
}

static int
connect_unix(const char *path)
{
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof sun.sun_path) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(sun.sun_path, path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	if (connect(fd, (const struct sockaddr *)&sun, sizeof sun) != 0)
		fd_close(&fd);
	return fd;
}

static int
open_unix(const struct control *c, const struct node *node)
{
	char path[IPCPATH_CAP];

	if (ipcpath_accept(path, sizeof path, c->nodes.dir, node->name) != 0)
		return -1;
	return connect_unix(path);
}

/* It stands later, or has failed then. No failure of an option matters: it is
 * only slower, or holds on longer. */
static int
open_tcp(const struct node *node)
{
	struct sockaddr_storage ss;
	socklen_t len = addr_to_sockaddr(&node->accept, &ss);
	int fd =
	    socket(ss.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -1;
	(void)fd_set_nodelay(fd);
	(void)fd_set_keepalive(fd, TICKET_KEEPALIVE_IDLE_S,
	    TICKET_KEEPALIVE_INTERVAL_S, TICKET_KEEPALIVE_COUNT);
	if (connect(fd, (const struct sockaddr *)&ss, len) != 0 &&
	    errno != EINPROGRESS)
		fd_close(&fd);
	return fd;
}

/* An empty socket takes 32 bytes whole. One that is not connected, or failed
 * to be, says so here too. */
static int
say(int fd, const struct stream *stream)
{
	return send(fd, stream->ticket, TICKET_LEN, MSG_NOSIGNAL) == TICKET_LEN
		   ? 0
		   : -1;
}

static void
forget_knock(struct stream *stream)
{
	if (stream->knock != NULL)
		event_free(stream->knock);
	stream->knock = NULL;
}

static void
on_connected(evutil_socket_t fd, short what, void *arg)
{
	struct stream *stream = arg;

	(void)what;
	forget_knock(stream);
	if (say(fd, stream) != 0)
		stream_end(stream, STREAM_END_ACCEPT_SOCKET);
}

/* The stream's own deadline bounds it. */
static int
say_once_connected(struct control *c, int fd, struct stream *stream)
{
	stream->knock =
	    event_new(loop_base(c->loop), fd, EV_WRITE, on_connected, stream);
	if (stream->knock != NULL && event_add(stream->knock, NULL) == 0)
		return 0;
	forget_knock(stream);
	return -1;
}

int
ticket_send(struct control *c, const struct node *node, struct stream *stream)
{
	/* Without a folder of sockets the nodes are on other hosts. */
	bool is_near = c->nodes.dir[0] != '\0';
	int fd;

	if (secret_random(stream->ticket, TICKET_LEN) != 0)
		return -1;
	fd = is_near ? open_unix(c, node) : open_tcp(node);
	if (fd < 0)
		return -1;
	if (table_put(&c->tickets.streams, stream->ticket, stream) != 0 ||
	    (is_near ? say(fd, stream) : say_once_connected(c, fd, stream)) !=
		0)
		fd_close(&fd);
	return fd;
}

void
ticket_arrive(
    struct control *c, struct arrival *a, const uint8_t ticket[TICKET_LEN])
{
	struct stream *stream = table_remove(&c->tickets.streams, ticket);
	struct call *call = hop_present(c, ticket);

	if (call != NULL) {
		call_joined(c, call, a, TICKET_LEN);
	} else if (stream == NULL) {
		refuse(c, a, REFUSAL_TICKET);
	} else if (stream->arrival->node != a->node) {
		refuse(c, a, REFUSAL_OTHER_NODE);
		stream_end(stream, STREAM_END_REFUSED);
	} else {
		stream_pair(stream, a);
	}
}

void
ticket_revoke(struct control *c, struct stream *stream)
{
	if (table_find(&c->tickets.streams, stream->ticket) == stream)
		(void)table_remove(&c->tickets.streams, stream->ticket);
	forget_knock(stream);
	secret_wipe(stream->ticket, sizeof stream->ticket);
}
