#include "common/nnlink.h"

#include <string.h>

#define SCHEME "ipc://"

int
nnlink_check_url(const char *url, const char **why)
{
	const char *path = NULL;

	if (strncmp(url, SCHEME, strlen(SCHEME)) == 0)
		path = url + strlen(SCHEME);
	if (strncmp(url, "tcp://", 6) == 0)
		*why = "tcp:// is not to be had yet: it has no protection "
		       "against who else is on the way; use ipc://";
	else if (path == NULL)
		*why = "it must begin with ipc://";
	else if (path[0] != '/')
		*why = "an absolute path must follow ipc://, as in "
		       "ipc:///run/carrick/control.events.ipc";
	else if (strlen(path) > NNLINK_IPC_PATH_MAX)
		*why = "its path is longer than 107 bytes";
	else if (path[strlen(path) - 1] == '/')
		*why = "it must end in the name of a socket, not a folder";
	else
		return 0;
	return -1;
}
