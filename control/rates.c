#include "control/rates.h"

#include <assert.h>

#include "proto/wire.h"

#define GROUP_ALL    UINT64_C(1)
#define GROUP_CLIENT (UINT64_C(1) << 63) /* and 63 bits of its digest */

static void
draw_from(struct ipc_limits *limits, uint64_t group, uint32_t bytes_per_s)
{
	if (bytes_per_s == 0)
		return;
	for (size_t i = 0; i < limits->n_rates; i++)
		if (limits->rates[i].group == group)
			return;
	assert(limits->n_rates < IPC_RATES_MAX);
	limits->rates[limits->n_rates++] =
	    (struct ipc_rate){.group = group, .bytes_per_s = bytes_per_s};
}

void
rates_of_pair(struct ipc_limits *limits, const struct config *config)
{
	limits->n_rates = 0;
	draw_from(limits, IPC_GROUP_OWN, config->max_bytes_per_s_per_pair);
	draw_from(limits, GROUP_ALL, config->max_bytes_per_s);
}

/* Whoever wants a number like another client's has 2^63 keys to try, and
 * would share a rate with it. */
void
rates_of_client(struct ipc_limits *limits, const struct config *config,
    const uint8_t digest[DIGEST_LEN])
{
	struct wire_reader r;

	wire_reader_init(&r, digest, DIGEST_LEN);
	draw_from(limits, GROUP_CLIENT | wire_get_u64(&r),
	    config->max_bytes_per_s_per_client);
}
