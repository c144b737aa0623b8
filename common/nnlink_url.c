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
check_bind(const char *url)
{
	struct addr a;

	return nnlink_tcp_addr(&a, url) == 0
		   ? NULL
		   : "an address and a port must follow tcp://, as in "
		     "tcp://10.0.0.1:7447, tcp://[2001:db8::1]:7447 or "
		     "tcp://*:7447";
}

/* nanomsg leaves an IPv6 address's scope to chance. */
static const char *
check_connect(const char *url)
{
	struct addr a;

	if (nnlink_tcp_addr(&a, url) == -1 || addr_is_unspecified(&a))
		return "an address and a port must follow tcp://, as in "
		       "tcp://10.0.0.1:7447 or tcp://[2001:db8::1]:7447";
	if (!addr_is_v4(&a) && addr_is_link_local(&a))
		return "a link-local IPv6 address does not say on which link "
		       "it is: use another of that machine";
	return NULL;
}

static const char *
check(const char *url, bool to_bind)
{
	const char *path = behind(url, IPC);

	if (path != NULL)
		return check_path(path);
	if (!nnlink_is_tcp(url))
		return "it must begin with ipc:// or tcp://";
	return to_bind ? check_bind(url) : check_connect(url);
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
