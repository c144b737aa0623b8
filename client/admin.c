#include "client/admin.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"
#include "common/rundir.h"

#define ANSWER_FIRST_CAP 65536

static int
connect_to(const char *path, struct fault *fault)
{
	const struct timeval limit = {.tv_sec = ADMIN_TIMEOUT_S};
	struct sockaddr_un sun = {.sun_family = AF_UNIX};
	int fd;

	if (strlen(path) >= sizeof sun.sun_path)
		return fault_set(fault, EXITCODE_USAGE,
		    "%.200s: a socket's path has at most %zu bytes", path,
		    sizeof sun.sun_path - 1);
	memcpy(sun.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd != -1 &&
	    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) ==
		0 &&
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) ==
		0 &&
	    connect(fd, (struct sockaddr *)&sun, sizeof sun) == 0)
		return fd;
	(void)fault_set(fault, EXITCODE_RELAY_NOT_REACHED,
	    "no control daemon is reached at %s: %s", path, strerror(errno));
	fd_close(&fd);
	return -1;
}

/* HTTP/1.0, so that the answer is not in chunks and ends with the
 * connection. A request of this size fits any socket buffer. */
static int
send_request(int fd, const char *method, const char *path)
{
	char request[256];
	int n = snprintf(request, sizeof request,
	    "%s %s HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n",
	    method, path);

	if (send(fd, request, (size_t)n, MSG_NOSIGNAL) == n)
		return 0;
	return -1;
}

static char *
read_all(int fd, size_t *len)
{
	size_t cap = ANSWER_FIRST_CAP;
	char *buf = malloc(cap + 1), *bigger;
	ssize_t n = 1;

	*len = 0;
	while (buf != NULL && n > 0 && cap <= ADMIN_ANSWER_MAX) {
		n = read(fd, buf + *len, cap - *len);
		if (n > 0)
			*len += (size_t)n;
		if (*len < cap)
			continue;
		cap *= 2;
		bigger = realloc(buf, cap + 1);
		if (bigger == NULL)
			break;
		buf = bigger;
	}
	if (buf != NULL && n == 0) {
		buf[*len] = '\0';
		return buf;
	}
	free(buf);
	return NULL;
}

/* The value of a header between answer and its end; NULL if it is not there.
 */
static const char *
header(const char *answer, const char *end, const char *name)
{
	size_t len = strlen(name);
	const char *line = answer;

	while (line != NULL && line < end) {
		if (strncasecmp(line, name, len) == 0)
			return line + len;
		line = strstr(line, "\r\n");
		line = line == NULL ? NULL : line + 2;
	}
	return NULL;
}

const char *
admin_body(const char *answer, size_t len, unsigned *status)
{
	const char *end = strstr(answer, "\r\n\r\n"), *said;
	unsigned minor, code;

	if (end == NULL ||
	    sscanf(answer, "HTTP/1.%1u %3u ", &minor, &code) != 2)
		return NULL;
	said = header(answer, end, "Content-Length:");
	if (said != NULL &&
	    strtoull(said, NULL, 10) > len - (size_t)(end + 4 - answer))
		return NULL;
	*status = code;
	return end + 4;
}

/* Control's refusals are one line of text. */
static void
explain(struct fault *fault, const char *body, unsigned status)
{
	if (body == NULL)
		(void)fault_set(fault, EXITCODE_TRY_AGAIN,
		    "the control daemon's answer can't be used: it is cut "
		    "short");
	else
		(void)fault_set(fault,
		    status == 400 || status == 404 ? EXITCODE_USAGE
						   : EXITCODE_TRY_AGAIN,
		    "the control daemon says: %.*s (%u)",
		    (int)strcspn(body, "\r\n"), body, status);
}

static char *
take_body(char *answer, size_t *len, struct fault *fault)
{
	unsigned status = 0;
	const char *body = admin_body(answer, *len, &status);

	if (body == NULL || status != 200) {
		explain(fault, body, status);
		free(answer);
		return NULL;
	}
	*len -= (size_t)(body - answer);
	memmove(answer, body, *len + 1);
	return answer;
}

static int
default_socket(char *buf, size_t cap, struct fault *fault)
{
	char dir[PATH_MAX];

	if (rundir_runtime(dir, sizeof dir) == -1 ||
	    snprintf(buf, cap, "%s/admin.sock", dir) >= (int)cap)
		return fault_set(fault, EXITCODE_USAGE,
		    "the run-time folder's path is too long; name the socket "
		    "with --socket PATH");
	return 0;
}

char *
admin_ask(const char *method, const char *socket, const char *path, size_t *len,
    struct fault *fault)
{
	char buf[PATH_MAX];
	char *answer = NULL;
	int fd;

	if (socket == NULL) {
		if (default_socket(buf, sizeof buf, fault) == -1)
			return NULL;
		socket = buf;
	}
	fd = connect_to(socket, fault);
	if (fd == -1)
		return NULL;
	if (send_request(fd, method, path) == 0)
		answer = read_all(fd, len);
	if (answer == NULL)
		(void)fault_set(fault, EXITCODE_TRY_AGAIN,
		    "the control daemon at %s did not answer: %s", socket,
		    strerror(errno));
	fd_close(&fd);
	return answer == NULL ? NULL : take_body(answer, len, fault);
}
