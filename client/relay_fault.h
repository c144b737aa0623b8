/*
 * relay_fault - what is wrong with a relay, in sentences for its user.
 */
#ifndef CLIENT_RELAY_FAULT_H
#define CLIENT_RELAY_FAULT_H

#include <stdint.h>

#include "client/fault.h"
#include "proto/digest.h"

/* relay_fault_key - it showed the key whose digest is found. */
void relay_fault_key(struct fault *fault, const uint8_t found[DIGEST_LEN]);

/* relay_fault_closed - who is at HOST:PORT (name) closed without a word. */
void relay_fault_closed(struct fault *fault, const char *name);

#endif
