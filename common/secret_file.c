#include "common/secret_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/fd.h"
#include "common/secret.h"

/* Of the file that is open: at its path there may be another by now. A pipe
 * is what a shell's <(command) names. Nobody shall be told to chmod what is
 * neither: that is a folder or a device, and others need it. */
static int
check_mode(int fd, const char *path, char *why, size_t why_cap)
{
	struct stat st;

	if (fstat(fd, &st) == -1) {
		(void)snprintf(why, why_cap, "%s: %s", path, strerror(errno));
		return -1;
	}
	if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)) {
		(void)snprintf(why, why_cap,
		    "%s: a file is wanted here, and that is none", path);
		errno = EINVAL;
		return -1;
	}
	if ((st.st_mode & 077) == 0)
		return 0;
	(void)snprintf(why, why_cap,
	    "%s: others may read it (mode %04o): chmod 600 it", path,
	    (unsigned)st.st_mode & 07777);
	errno = EACCES;
	return -1;
}

static char *
read_open(int fd, const char *path, size_t max, size_t *len, char *why,
    size_t why_cap)
{
	char *text;

	if (check_mode(fd, path, why, why_cap) == -1)
		return NULL;
	text = fd_read_all(fd, max, len);
	if (text == NULL)
		(void)snprintf(why, why_cap, "%s: %s", path, strerror(errno));
	return text;
}

char *
secret_file_read(
    const char *path, size_t max, size_t *len, char *why, size_t why_cap)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	char *text;

	if (fd == -1) {
		(void)snprintf(why, why_cap, "%s: %s", path, strerror(errno));
		return NULL;
	}
	text = read_open(fd, path, max, len, why, why_cap);
	fd_close(&fd);
	return text;
}

void
secret_file_free(char *text, size_t len)
{
	if (text == NULL)
		return;
	secret_wipe(text, len);
	free(text);
}
