#include "dataplane/sandbox.h"

#include <sys/prctl.h>
#include <sys/resource.h>

/* A build with AddressSanitizer looks for leaks at its end: in a process of
 * its own, which traces this one. */
#ifdef __SANITIZE_ADDRESS__
#define SEEKS_LEAKS 1
#else
#define SEEKS_LEAKS 0
#endif

static int
set_limit(__rlimit_resource_t what, rlim_t value)
{
	const struct rlimit r = {.rlim_cur = value, .rlim_max = value};

	return setrlimit(what, &r);
}

int
sandbox_enter(const char **step)
{
	/* Preambles of strangers are in this memory. */
	*step = "RLIMIT_CORE";
	if (set_limit(RLIMIT_CORE, 0) == -1)
		return -1;
	*step = "PR_SET_DUMPABLE";
	return prctl(PR_SET_DUMPABLE, SEEKS_LEAKS, 0, 0, 0);
}

int
sandbox_seal(const char **step)
{
	/* All threads are there, nanomsg's too. */
	*step = "RLIMIT_NPROC";
	return SEEKS_LEAKS ? 0 : set_limit(RLIMIT_NPROC, 0);
}
