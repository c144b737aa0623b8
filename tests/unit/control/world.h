/*
 * world - what most tests of control/ begin with: a fake control, c, and two
 * splice nodes, a and b; who calls there, and what came of it.
 */
#ifndef TESTS_UNIT_CONTROL_WORLD_H
#define TESTS_UNIT_CONTROL_WORLD_H

#include <check.h>

#include "tests/unit/control/fake.h"
#include "tests/unit/suite.h"

extern struct control *c;
extern struct fake_node a, b;

/* no_node, one_node, two_nodes - set it up anew: nobody, a, a and b have a
 * session. world_end looks at what is left (fake_free). */
void no_node(void);
void one_node(void);
void two_nodes(void);
void world_end(void);

/* world_case - a test case that begins with set_up, which is or calls one of
 * those, and ends with world_end. */
TCase *world_case(const char *name, void (*set_up)(void));

/* pass - time goes by, and the nodes that have a session live. live - the same,
 * and what they were told meanwhile is forgotten. */
void pass(uint64_t ms);
void live(uint64_t ms);

/* lose - so long that a session is lost, n says nothing; the other lives. */
void lose(const struct fake_node *n);

/* node_of - control's, of n's newest session; NULL: that is over. */
struct node *node_of(const struct fake_node *n);

/* client_of - tx3's client of that byte, registered or not; NULL. is_registered
 * - that it is there, and registered. */
struct client *client_of(uint8_t byte);
bool is_registered(uint8_t byte);

/* call - a peer from 192.0.2.SOURCE at n calls the client of that byte. Returns
 * the token that the client was told, if it was; static. */
const uint8_t *
call(const struct fake_node *n, uint64_t conn, uint8_t source, uint8_t byte);

/* make_pair - a peer at a, at connection conn, is paired with the client of
 * that byte, at the next; tag is their pair's. */
void make_pair(uint8_t tag[IPC_TAG_LEN], uint64_t conn, uint8_t byte);

/* tag_of - a tag as an earlier control would have made it. */
void
tag_of(uint8_t tag[IPC_TAG_LEN], uint8_t kind, uint8_t serial, uint8_t byte);

/* ask_pairs - n is asked for its list of pairs. */
void ask_pairs(const struct fake_node *n);

/* list - n's whole list of pairs. */
void list(const struct fake_node *n, const uint8_t *tags, uint16_t n_tags);

/* How many there were. */
uint64_t refused(enum refusal why);
uint64_t calls_ended(enum call_end why);
uint64_t streams_ended(enum stream_end why);
uint64_t dropped(enum event_drop why);
uint64_t counted(enum count what);

#endif
