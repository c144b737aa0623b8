#include "tests/unit/dataplane/fake_clock.h"

uint64_t fake_now_ms = 1000000;

uint64_t __wrap_clock_now_ms(void);

uint64_t
__wrap_clock_now_ms(void)
{
	return fake_now_ms;
}
