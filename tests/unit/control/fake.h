/*
 * fake - a control without sockets for the unit tests of control/: a clock
 * moved by hand, nodes whose events are encoded here and whose commands are
 * caught here, clients whose TLS is left out.
 */
#ifndef TESTS_UNIT_CONTROL_FAKE_H
#define TESTS_UNIT_CONTROL_FAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "control/control.h"
#include "proto/ipc.h"
#include "proto/tx3.h"

/* Everything that FAKE_WRAP in CMakeLists.txt names is caught. */

/* A node as the test plays it. */
struct fake_node {
	const char *name;
	uint64_t epoch;
	uint64_t session;   /* from the newest WELCOME to this epoch */
	uint64_t seq;	    /* of the next release */
	uint64_t features;  /* of its hello */
	struct addr accept; /* likewise */
};

/* fake_new - a control with default configuration, ready. fake_free checks
 * that it can be taken down. The relay's digest is 32 times 0xd1. */
struct control *fake_new(void);

/* fake_new_far - the same whose nodes are on other hosts: edge-* in
 * 192.0.2.0/24, core at 198.51.100.7 and in 2001:db8::/32. The cluster key is
 * 32 times 0xc1. */
struct control *fake_new_far(void);

/* fake_relay - that digest. */
const uint8_t *fake_relay(const struct control *c);

/* fake_identity - one more identity, whose digest is 32 times byte. */
void fake_identity(
    struct control *c, uint8_t byte, enum tx3_dialect dialect, bool retiring);
void fake_free(struct control *c);

/* fake_advance - move the clock, run what is due. */
void fake_advance(struct control *c, uint64_t ms);

/* fake_send - encode m as n's event of its session and have it received. */
void fake_send(struct control *c, const struct fake_node *n, struct ipc_msg m);

/* fake_hello - n says hello; n->session is set if a WELCOME answers. */
void fake_hello(struct control *c, struct fake_node *n);

/* fake_ready - hello and ready: n has a session. */
void fake_ready(struct control *c, struct fake_node *n);

/* Commands that were sent, oldest first; a test takes them one by one.
 * fake_command fails the test if the next is not of this type, and
 * fake_no_command if there is one. Beats are left out. */
struct ipc_msg fake_command(enum ipc_type type);
void fake_no_command(void);
void fake_forget_commands(void);

/* fake_envelope - the next command as it was sent: sealed. */
const uint8_t *fake_envelope(size_t *len);

/* fake_open - a public connection shows these 32 bytes; remote is
 * 192.0.2.SOURCE. */
void fake_open(struct control *c, const struct fake_node *n, uint64_t conn,
    uint8_t source, const uint8_t first[32]);

/* fake_show - the same of any bytes, FLAGS as in CONN_OPEN. */
void fake_show(struct control *c, const struct fake_node *n, uint64_t conn,
    uint8_t source, const void *first, size_t len, uint8_t flags);

/* fake_open_local - control's own connection says a ticket. */
void fake_open_local(struct control *c, const struct fake_node *n,
    uint64_t conn, const uint8_t ticket[32]);

/* fake_gone - the connection is no more: the next release. */
void fake_gone(struct control *c, struct fake_node *n, uint64_t conn);

/* fake_pair_end - PAIR_ENDED with 10 and 20 bytes: the next release. */
void fake_pair_end(
    struct control *c, struct fake_node *n, const uint8_t tag[IPC_TAG_LEN]);

/* fake_client - a client with a control stream: every step of it is played,
 * its digest is 32 times byte, its source 192.0.3.BYTE, its connections
 * are numbered 1000 * byte and the next. */
struct stream *
fake_client(struct control *c, const struct fake_node *n, uint8_t byte);

/* fake_find - f's client whose digest begins with 20 times byte, registered or
 * not; NULL. */
struct client *
fake_find(struct control *c, const struct frontend *f, uint8_t byte);

/* fake_digest - 32 times byte; static, until the next call. */
const uint8_t *fake_digest(uint8_t byte);

/* What was written to any client last, and how many times. */
extern uint8_t fake_written[128];
extern size_t fake_written_len;
extern unsigned fake_n_written;

/* fake_said - the oldest that was written to s and not taken so far; its length
 * is *len, its bytes are static. NULL: there is none. */
const uint8_t *fake_said(const struct stream *s, size_t *len);

/* Switches: nnlink_send fails with ENOBUFS; the command sockets have no peer;
 * something waits for them; a client has this much unread; ticket_send fails.
 */
extern bool fake_queue_full;
extern bool fake_disconnected;
extern bool fake_waiting;
extern size_t fake_unread;
extern bool fake_no_accept_socket;

/* The newest ticket that was sent. */
extern uint8_t fake_ticket[32];

/* Where the newest pipeline to a node goes, and how many there were. */
extern char fake_url[NNLINK_URL_CAP];
extern unsigned fake_n_links;

/* What ticket_send returns; nothing of a stream's closes it. */
extern int fake_fd;

#endif
