/*
 * fake_node - splice nodes as a test plays them: events are encoded here and
 * received by the fake control.
 */
#ifndef TESTS_UNIT_CONTROL_FAKE_NODE_H
#define TESTS_UNIT_CONTROL_FAKE_NODE_H

#include <stddef.h>
#include <stdint.h>

#include "proto/addr.h"
#include "proto/ipc.h"

struct control;

struct fake_node {
	const char *name;
	uint64_t epoch;
	uint64_t session;   /* from the newest WELCOME to this epoch */
	uint64_t seq;	    /* of the next release */
	uint64_t features;  /* of its NODE_READY */
	struct addr accept; /* likewise */
};

/* fake_send - encode m as n's event of its session and have it received. */
void fake_send(struct control *c, const struct fake_node *n, struct ipc_msg m);

/* fake_hello - n says hello; n->session is set if a WELCOME answers. */
void fake_hello(struct control *c, struct fake_node *n);

/* fake_say_ready - the answer to its newest WELCOME. */
void fake_say_ready(struct control *c, const struct fake_node *n);

/* fake_ready - hello and ready: n has a session. */
void fake_ready(struct control *c, struct fake_node *n);

/* fake_beat - with as many pairs as control knows of, if n has a session. */
void fake_beat(struct control *c, const struct fake_node *n);

/* fake_bye - n goes, in good order. */
void fake_bye(struct control *c, const struct fake_node *n);

/* fake_open - a public connection shows these 32 bytes; remote is
 * 192.0.2.SOURCE. */
void fake_open(struct control *c, const struct fake_node *n, uint64_t conn,
    uint8_t source, const uint8_t first[32]);

/* fake_show - the same of any bytes, FLAGS as in CONN_OPEN. */
void fake_show(struct control *c, const struct fake_node *n, uint64_t conn,
    uint8_t source, const void *first, size_t len, uint8_t flags);

/* fake_show_from - the same from that address and port. */
void fake_show_from(struct control *c, const struct fake_node *n, uint64_t conn,
    const char *remote, const void *first, size_t len, uint8_t flags);

/* fake_show_more - CONN_MORE: all bytes that there are by now. */
void fake_show_more(struct control *c, const struct fake_node *n, uint64_t conn,
    const void *bytes, size_t len, uint8_t flags);

/* fake_open_local - control's own connection says a ticket. */
void fake_open_local(struct control *c, const struct fake_node *n,
    uint64_t conn, const uint8_t ticket[32]);

/* fake_fin - CONN_FIN of a connection that is held. */
void fake_fin(struct control *c, const struct fake_node *n, uint64_t conn);

/* fake_gone - the connection is no more: the next release. */
void fake_gone(struct control *c, struct fake_node *n, uint64_t conn);

/* fake_pair_end - PAIR_ENDED with 10 and 20 bytes: the next release. */
void fake_pair_end(
    struct control *c, struct fake_node *n, const uint8_t tag[IPC_TAG_LEN]);

/* fake_pair_refused - PAIR_REFUSED; gone as in IPC_GONE_…: the next release. */
void fake_pair_refused(struct control *c, struct fake_node *n,
    const uint8_t tag[IPC_TAG_LEN], enum reason why, uint8_t gone);

/* fake_pair_list - a part of the list that n was asked for last. */
void fake_pair_list(struct control *c, const struct fake_node *n,
    const uint8_t *tags, uint16_t n_tags, uint8_t flags);

#endif
