/*
 * relay_fault - what is wrong with a relay, in sentences for its user.
 */
#ifndef CLIENT_RELAY_FAULT_H
#define CLIENT_RELAY_FAULT_H

#include <stdint.h>

#include "client/fault.h"
#include "proto/digest.h"

/* It closed without a word, which a relay does for each of these. */
#define RELAY_FAULT_CLOSED                                             \
	"nobody answers to this address, or the relay is at a limit, " \
	"or it is just starting"

/* relay_fault_key - it showed the key whose digest is found. */
void relay_fault_key(struct fault *fault, const uint8_t found[DIGEST_LEN]);

#endif
