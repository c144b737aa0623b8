/*
 * rates - how fast a pair may go, as the configuration says: by itself, along
 * with a client's other pairs, and with all of its node. The nodes do it
 * (proto/IPC.md 4.4); here the groups get their numbers, which are the same
 * for every control, since pairs outlive one.
 */
#ifndef CONTROL_RATES_H
#define CONTROL_RATES_H

#include <stdint.h>

#include "control/config.h"
#include "proto/digest.h"
#include "proto/ipc.h"

/* rates_of_pair - begin limits' rates: the pair's own and that of all, where
 * there is such a limit. */
void rates_of_pair(struct ipc_limits *limits, const struct config *config);

/*
 * rates_of_client - let it draw from what a client has for all its pairs too,
 * if that is limited. For both ends of a pair of two clients; the second time
 * for the same one does nothing.
 *
 * limits   rates_of_pair has begun it; at most two clients.
 */
void rates_of_client(struct ipc_limits *limits, const struct config *config,
    const uint8_t digest[DIGEST_LEN]);

#endif
