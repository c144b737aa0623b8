/*
 * nnlink_ends - both ends of a pipeline over nanomsg itself, in a folder of
 * their own; messages are numbered.
 */
#ifndef TESTS_UNIT_COMMON_NNLINK_ENDS_H
#define TESTS_UNIT_COMMON_NNLINK_ENDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/nnlink.h"

#define MAX_LEN 1000 /* of a message, in bytes */

extern char dir[];
extern char path[64]; /* of the socket, in dir */
extern char url[80];  /* of that */
extern struct loop *loop;
extern struct nnlink_in *in; /* in and out are freed at the end */
extern struct nnlink_out *out;
extern uint32_t n_sent;	    /* by ends_send_next: the next one's number */
extern uint32_t n_received; /* messages that came to in */
extern uint32_t n_refused;  /* and what was no batch of any */
extern uint32_t n_idles;
extern size_t last_len; /* of the newest */

/* ends_set_up, ends_tear_down - of each test. */
void ends_set_up(void);
void ends_tear_down(void);

/* ends_bind - a receiver at url; it asserts that numbers come in order. */
struct nnlink_in *ends_bind(void);

/* ends_open - in and out at url. */
void ends_open(void);

/* ends_send - nnlink_send of len bytes, the first 4 its number, from 0. */
int ends_send(uint32_t number, size_t len);

/* ends_connect - out alone, at url. */
void ends_connect(size_t max_queue);

/* ends_open_with - in, and out with that queue, which has found it. */
void ends_open_with(size_t max_queue);

/* ends_send_next - ends_send of the number that is next; ends_send_many - of n,
 * none of which fails. */
int ends_send_next(size_t len);
void ends_send_many(uint32_t n, size_t len);

/* ends_turn - one turn of the loop. */
void ends_turn(void);

/* ends_receive - until n have come in all, and none was refused. */
void ends_receive(uint32_t n);

/* ends_refuse - until n were refused in all, whatever came meanwhile. */
void ends_refuse(uint32_t n);

/* ends_await - look every millisecond whether something is so, for what nanomsg
 * tells nobody. */
void ends_await(bool (*is_so)(void));

/* ends_are_connected - whether out has a peer. */
bool ends_are_connected(void);

#endif
