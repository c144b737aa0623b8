#include "dataplane/limits.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/fd.h"
#include "common/log.h"
#include "proto/ipc.h"

/* stdio, nanomsg's own (its workers and two sockets), the main loop's: about
 * 30 were seen. */
#define FDS_OF_PROCESS 64
/* A loop's epoll and timer, an inbox; libevent's signal pair. */
#define FDS_OF_WORKER 6
/* The socket, and the acceptor's reserve; the service manager may pass as many
 * as there can be. */
#define FDS_OF_LISTENER 2
#define FDS_OF_PIPE	2

uint64_t
limits_needed(const struct config *c, uint64_t *beside_public)
{
	*beside_public = FDS_OF_PROCESS + FDS_OF_WORKER * config_n_workers(c) +
			 FDS_OF_LISTENER * (IPC_LISTEN_MAX + 2) +
			 FDS_OF_PIPE * config_n_pipes(c) +
			 c->max_local_connections + config_max_accepts(c) +
			 config_max_siblings(c);
	return *beside_public + c->max_connections;
}

int
limits_apply(struct config *c, char *why)
{
	uint64_t limit, beside_public, needed;

	if (fd_raise_limit(&limit) == -1) {
		(void)snprintf(why, CONF_WHY_CAP,
		    "the limit on descriptors can't be read: %s",
		    strerror(errno));
		return -1;
	}
	needed = limits_needed(c, &beside_public);
	if (limit <= beside_public) {
		(void)snprintf(why, CONF_WHY_CAP,
		    "the hard limit on descriptors is %" PRIu64 ", but %" PRIu64
		    " are needed, and %" PRIu64
		    " without any public connection; raise it (ulimit -Hn, "
		    "LimitNOFILE=) or lower pipe_pool_bytes, "
		    "max_local_connections, max_accept_connections and "
		    "max_sibling_connections",
		    limit, needed, beside_public + 1);
		return -1;
	}
	if (limit < needed) {
		c->max_connections = (uint32_t)(limit - beside_public);
		log_warn("connections-lowered",
		    "max_connections=%" PRIu32 " descriptors=%" PRIu64
		    " needed=%" PRIu64
		    " hint=\"raise the hard limit on descriptors\"",
		    c->max_connections, limit, needed);
	}
	log_info("limits",
	    "descriptors=%" PRIu64 " needed=%" PRIu64
	    " max_connections=%" PRIu32 " pipes=%zu pipe_bytes=%" PRIu32
	    " workers=%zu",
	    limit, needed, c->max_connections, config_n_pipes(c), c->pipe_bytes,
	    config_n_workers(c));
	return 0;
}
