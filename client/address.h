/*
 * address - the addresses on a command line, each with the sentence that says
 * what is wrong with it.
 */
#ifndef CLIENT_ADDRESS_H
#define CLIENT_ADDRESS_H

#include "client/fault.h"
#include "proto/addr.h"
#include "proto/url.h"

/* address_peer - whom to call: the ways that text names, at most
 * URL_STACKS_MAX. Returns how many; -1 with EXITCODE_USAGE. */
int address_peer(struct url *ways, const char *text, struct fault *fault);

/* address_relay - a relay's URL: one way, and a relayed one. Returns 0; -1
 * with EXITCODE_USAGE. */
int address_relay(struct url *relay, const char *text, struct fault *fault);

/* address_host - HOST:PORT of a service. host has ADDR_HOST_CAP bytes.
 * Returns 0; -1 with EXITCODE_USAGE. */
int
address_host(char *host, uint16_t *port, const char *text, struct fault *fault);

/* address_listen - as address_host, but a literal may have port 0 (any). */
int address_listen(
    char *host, uint16_t *port, const char *text, struct fault *fault);

#endif
