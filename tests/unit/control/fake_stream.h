/*
 * fake_stream - clients of the fake control and their control streams, with
 * TLS left out, and tickets that no socket takes.
 */
#ifndef TESTS_UNIT_CONTROL_FAKE_STREAM_H
#define TESTS_UNIT_CONTROL_FAKE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/unit/control/fake_node.h"

struct client;
struct control;
struct frontend;
struct stream;

/* fake_digest - 32 times byte; static. */
const uint8_t *fake_digest(uint8_t byte);

/* fake_client - a client with a control stream: every step of it is played,
 * its digest is 32 times byte, its source 192.0.3.BYTE, its connections
 * are numbered 1000 * byte and the next. */
struct stream *
fake_client(struct control *c, const struct fake_node *n, uint8_t byte);

/* fake_stream - a control stream from 192.0.2.SOURCE, over connections conn and
 * the next, to the relay of that digest; whose client has shown its own.
 * Commands are left to be taken. */
struct stream *fake_stream(struct control *c, const struct fake_node *n,
    uint64_t conn, uint8_t source, const uint8_t *relay, const uint8_t *client);

/* fake_find - f's client whose digest begins with 20 times byte, registered or
 * not; NULL. */
struct client *
fake_find(struct control *c, const struct frontend *f, uint8_t byte);

/* What was written to any client last, and how many times. */
extern uint8_t fake_written[128];
extern size_t fake_written_len;
extern unsigned fake_n_written;

/* fake_said - the oldest that was written to s and not taken so far; its length
 * is *len, its bytes are static. NULL: there is none. */
const uint8_t *fake_said(const struct stream *s, size_t *len);

/* Switches: a client has this much unread; ticket_send fails. */
extern size_t fake_unread;
extern bool fake_no_accept_socket;

/* The newest ticket that was sent, and what ticket_send returns: nothing of a
 * stream's closes it. */
extern uint8_t fake_ticket[32];
extern int fake_fd;

/* fake_streams_begin - for fake.c: nothing written, all switches off. */
void fake_streams_begin(void);

#endif
