#include "common/clock.h"

#include <assert.h>
#include <time.h>

static uint64_t
read_ms(clockid_t id)
{
	struct timespec ts;
	int rc = clock_gettime(id, &ts);

	assert(rc == 0); /* both clocks exist on every Linux since 2.6.39 */
	(void)rc;
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

uint64_t
clock_now_ms(void)
{
	return read_ms(CLOCK_MONOTONIC);
}

uint64_t
clock_boot_ms(void)
{
	return read_ms(CLOCK_BOOTTIME);
}
