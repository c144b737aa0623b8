#include "tests/unit/suite.h"

#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Ports that others have, or had within the last minute, are no business of a
 * test's: busy neighbours can leave none at all. Who may not have a network
 * namespace shares theirs. */
static void
leave_neighbours(void)
{
	struct ifreq lo = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd;

	if (unshare(CLONE_NEWNET) == -1)
		return;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	(void)ioctl(fd, SIOCSIFFLAGS, &lo); /* where it fails all tests do */
	(void)close(fd);
}

int
suite_run(const char *name, TCase *const *cases)
{
	Suite *s = suite_create(name);
	SRunner *runner = srunner_create(s);
	int n_failed;

	leave_neighbours();
	while (*cases != NULL)
		suite_add_tcase(s, *cases++);
	srunner_run_all(runner, CK_ENV);
	n_failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return n_failed != 0;
}
