/*
 * balancer - a trusted proxy at 10.0.0.1 in front of node a, and the PROXY
 * headers that it and others say.
 */
#ifndef TESTS_UNIT_CONTROL_BALANCER_H
#define TESTS_UNIT_CONTROL_BALANCER_H

#include <stddef.h>
#include <stdint.h>

#include "tests/unit/control/world.h"

#define BALANCER "10.0.0.1:50000"
#define LINE	 "PROXY TCP4 192.0.2.7 10.0.0.9 1234 7443\r\n"
#define LINE_LEN (sizeof LINE - 1)

/* balancer_set_up - one_node, with that proxy. */
void balancer_set_up(void);

/* A preamble as a test puts it together. */
struct bytes {
	uint8_t p[600];
	size_t len;
};

struct bytes bytes(const void *p, size_t len);
void append(struct bytes *to, const void *p, size_t len);

/* header - of a client at that address; local_header - of the balancer's own
 * connection. */
struct bytes header(const char *client);
struct bytes local_header(void);

/* show, show_more - CONN_OPEN from that remote, CONN_MORE. */
void show(uint64_t conn, const char *remote, uint8_t flags,
    const struct bytes *first);
void show_more(uint64_t conn, uint8_t flags, const struct bytes *all);

/* come - through the balancer, for the client there: these 32 bytes. Returns
 * the length of the header before them. */
size_t come(uint64_t conn, const char *client, const uint8_t first[32]);

/* expect_refused, expect_wait - what the node is told next. */
void expect_refused(uint64_t conn, size_t skip, enum refusal why);
void expect_wait(size_t want);

#endif
