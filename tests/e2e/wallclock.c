/*
 * wallclock - preloaded into a program, shifts its wall clock by what a file
 * says at the moment: 8 bytes, seconds, in the machine's order. The file is
 * named by WALLCLOCK_FILE. Monotonic clocks are as they were, as in a machine
 * whose time somebody sets.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

int clock_gettime(clockid_t clock, struct timespec *ts);
int gettimeofday(struct timeval *restrict tv, void *restrict tz);
time_t time(time_t *t);

static const volatile int64_t *shift;

/* Early, since a daemon may not open it once it has become somebody else. */
__attribute__((constructor)) static void
find(void)
{
	const char *path = getenv("WALLCLOCK_FILE");
	int fd = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
	void *p;

	if (fd == -1)
		return;
	p = mmap(NULL, sizeof *shift, PROT_READ, MAP_SHARED, fd, 0);
	if (p != MAP_FAILED)
		shift = p;
	(void)close(fd);
}

int
clock_gettime(clockid_t clock, struct timespec *ts)
{
	int rc = (int)syscall(SYS_clock_gettime, clock, ts);

	if (rc == 0 && shift != NULL &&
	    (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
		ts->tv_sec += *shift;
	return rc;
}

int
gettimeofday(struct timeval *restrict tv, void *restrict tz)
{
	struct timespec ts;

	(void)tz;
	if (clock_gettime(CLOCK_REALTIME, &ts) != 0)
		return -1;
	*tv = (struct timeval){ts.tv_sec, ts.tv_nsec / 1000};
	return 0;
}

time_t
time(time_t *t)
{
	struct timespec ts = {0};

	(void)clock_gettime(CLOCK_REALTIME_COARSE, &ts);
	if (t != NULL)
		*t = ts.tv_sec;
	return ts.tv_sec;
}
