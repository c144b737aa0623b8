/*
 * admin - one HTTP request over a UNIX socket, for the admin interface of
 * control.
 */
#ifndef CLIENT_ADMIN_H
#define CLIENT_ADMIN_H

#include <stddef.h>

#include "client/fault.h"

#define ADMIN_ANSWER_MAX (16u << 20) /* bytes; a longer answer is refused */
#define ADMIN_TIMEOUT_S	 5	     /* s for each read and write */

/*
 * admin_ask - ask, and wait for the whole answer.
 *
 * method   GET, or POST without a body.
 * socket   the UNIX socket's path; NULL: admin.sock in the run-time folder.
 * path     with its query, if it has one; 128 bytes at most.
 * len      out; of the body.
 * Returns  the body (from malloc, owned by the caller, a NUL behind it); NULL
 *          with EXITCODE_USAGE (a path too long for a socket; control says
 *          400 or 404), EXITCODE_RELAY_NOT_REACHED (nobody listens, or we may
 *          not connect) or EXITCODE_TRY_AGAIN (no whole answer; it is another
 *          one than 200). What control gives as its reason is the fault's
 *          sentence.
 */
char *admin_ask(const char *method, const char *socket, const char *path,
    size_t *len, struct fault *fault);

/*
 * admin_body - find the body in an HTTP answer that ended with its
 * connection.
 *
 * answer   len bytes, a NUL behind them.
 * status   out; the code, such as 200.
 * Returns  the body inside answer; NULL if it is not HTTP/1, or its
 *          Content-Length says that something is missing.
 */
const char *admin_body(const char *answer, size_t len, unsigned *status);

#endif
