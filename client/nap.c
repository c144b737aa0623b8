#include "client/nap.h"

#include "common/clock.h"

static uint64_t
ever_ms(void)
{
	return clock_boot_ms() - clock_now_ms();
}

void
nap_init(struct nap *n)
{
	n->ever_ms = ever_ms();
}

uint64_t
nap_take_ms(struct nap *n)
{
	uint64_t slept_ms = ever_ms() - n->ever_ms;

	n->ever_ms += slept_ms;
	return slept_ms;
}
