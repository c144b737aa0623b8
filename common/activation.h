/*
 * activation - listening sockets that the service manager opened and passed
 * along (sd_listen_fds(3)): descriptors from 3 on, described by $LISTEN_PID,
 * $LISTEN_FDS and $LISTEN_FDNAMES. They stay open with the manager, so nobody
 * is refused while a daemon is replaced by the next.
 */
#ifndef COMMON_ACTIVATION_H
#define COMMON_ACTIVATION_H

#include <stddef.h>

#include "proto/addr.h"

#define ACTIVATION_FD_FIRST 3 /* SD_LISTEN_FDS_START */

struct activation_socket {
	int fd;
	struct addr bound;
};

/*
 * activation_take - take over what was passed to this process. All of it must
 * be listening TCP sockets.
 *
 * sockets  out; cap of them; the caller's from now on, non-blocking and
 *          close-on-exec.
 * n        out; 0: nothing was passed, or not to this process.
 * why      out, why_cap bytes: a sentence on failure.
 * Does     removes the three variables, so that no child believes in them.
 * Returns  0; -1: there is no going on with what was passed.
 */
int activation_take(struct activation_socket *sockets, size_t cap, size_t *n,
    char *why, size_t why_cap);

#endif
