#include "client/admin_get.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "common/fd.h"

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
ask(int fd, const char *path)
{
	char request[256];
	int n = snprintf(request, sizeof request,
	    "GET %s HTTP/1.0\r\nHost: localhost\r\nConnection: close\r\n\r\n",
	    path);

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

static char *
take_body(char *answer, size_t *len, struct fault *fault)
{
	unsigned status = 0;
	const char *body = admin_body(answer, *len, &status);

	if (body == NULL || status != 200) {
		(void)fault_set(fault, EXITCODE_TRY_AGAIN,
		    "the control daemon's answer can't be used: %s (%u)",
		    body == NULL ? "it is cut short" : "it is no success",
		    status);
		free(answer);
		return NULL;
	}
	*len -= (size_t)(body - answer);
	memmove(answer, body, *len + 1);
	return answer;
}

char *
admin_get(
    const char *socket, const char *path, size_t *len, struct fault *fault)
{
	int fd = connect_to(socket, fault);
	char *answer = NULL;

	if (fd == -1)
		return NULL;
	if (ask(fd, path) == 0)
		answer = read_all(fd, len);
	if (answer == NULL)
		(void)fault_set(fault, EXITCODE_TRY_AGAIN,
		    "the control daemon at %s did not answer: %s", socket,
		    strerror(errno));
	fd_close(&fd);
	return answer == NULL ? NULL : take_body(answer, len, fault);
}
