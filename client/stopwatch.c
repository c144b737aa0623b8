#include "client/stopwatch.h"

#include <time.h>

uint64_t
stopwatch_us(void)
{
	struct timespec ts;

	/* cannot fail: the clock exists and ts is ours */
	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}
