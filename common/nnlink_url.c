#include "common/nnlink.h"

#include <stdio.h>
#include <string.h>

#define IPC "ipc://"
#define TCP "tcp://"

static const char *
behind(const char *url, const char *scheme)
{
	size_t len = strlen(scheme);

	return strncmp(url, scheme, len) == 0 ? url + len : NULL;
}

bool
nnlink_is_tcp(const char *url)
{
	return behind(url, TCP) != NULL;
}

int
nnlink_tcp_addr(struct addr *a, const char *url)
{
	const char *text = behind(url, TCP);
	char any[ADDR_TEXT_CAP];
	struct addr out;

	if (text == NULL)
		return -1;
	if (strncmp(text, "*:", 2) == 0) {
		if (strlen(text) >= sizeof any - 3)
			return -1;
		(void)snprintf(any, sizeof any, "[::]%s", text + 1);
		text = any;
	}
	if (addr_parse(&out, text) == -1 || out.port == 0)
		return -1;
	*a = out;
	return 0;
}

const char *
nnlink_tcp_url(const struct addr *a, char *url)
{
	char text[ADDR_TEXT_CAP];

	(void)snprintf(url, NNLINK_URL_CAP, TCP "%s", addr_format(a, text));
	return url;
}

static const char *
check_path(const char *path)
{
	if (path[0] != '/')
		return "an absolute path must follow ipc://, as in "
		       "ipc:///run/carrick/control.events.ipc";
	if (strlen(path) > NNLINK_IPC_PATH_MAX)
		return "its path is longer than 107 bytes";
	if (path[strlen(path) - 1] == '/')
		return "it must end in the name of a socket, not a folder";
	return NULL;
}

static const char *
check(const char *url, bool to_bind)
{
	const char *path = behind(url, IPC);
	struct addr a;

	if (path != NULL)
		return check_path(path);
	if (!nnlink_is_tcp(url))
		return "it must begin with ipc:// or tcp://";
	if (nnlink_tcp_addr(&a, url) == 0 &&
	    (to_bind || !addr_is_unspecified(&a)))
		return NULL;
	return to_bind ? "an address and a port must follow tcp://, as in "
			 "tcp://10.0.0.1:7446, tcp://[2001:db8::1]:7446 or "
			 "tcp://*:7446"
		       : "an address and a port must follow tcp://, as in "
			 "tcp://10.0.0.1:7446 or tcp://[2001:db8::1]:7446";
}

int
nnlink_check_bind(const char *url, const char **why)
{
	const char *bad = check(url, true);

	if (bad != NULL)
		*why = bad;
	return bad == NULL ? 0 : -1;
}

int
nnlink_check_connect(const char *url, const char **why)
{
	const char *bad = check(url, false);

	if (bad != NULL)
		*why = bad;
	return bad == NULL ? 0 : -1;
}
