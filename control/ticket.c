#include "control/ticket.h"

#include <errno.h>
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

int
ticket_send(struct control *c, const struct node *node, struct stream *stream)
{
	char path[IPCPATH_CAP];
	int fd;

	if (ipcpath_accept(path, sizeof path, c->nodes.dir, node->name) != 0 ||
	    secret_random(stream->ticket, TICKET_LEN) != 0)
		return -1;
	fd = connect_unix(path);
	if (fd < 0)
		return -1;
	/* An empty socket takes 32 bytes whole. */
	if (send(fd, stream->ticket, TICKET_LEN, MSG_NOSIGNAL) != TICKET_LEN ||
	    table_put(&c->tickets.streams, stream->ticket, stream) != 0)
		fd_close(&fd);
	return fd;
}

void
ticket_arrive(
    struct control *c, struct arrival *a, const uint8_t ticket[TICKET_LEN])
{
	struct stream *stream = table_remove(&c->tickets.streams, ticket);

	if (stream == NULL) {
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
	secret_wipe(stream->ticket, sizeof stream->ticket);
}
