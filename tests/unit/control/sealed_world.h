/*
 * sealed_world - a control, c, whose nodes are on other hosts, a node there,
 * and the envelopes between them.
 */
#ifndef TESTS_UNIT_CONTROL_SEALED_WORLD_H
#define TESTS_UNIT_CONTROL_SEALED_WORLD_H

#include "tests/unit/control/world.h"

#define AT "192.0.2.7:7448"

/* A node as the test plays it. */
struct far {
	const char *name;
	struct seal_link link;
	uint8_t phase[SEAL_PHASE_LEN];
	uint64_t epoch;
	uint64_t session_epoch;
	struct seal_session session;
	struct addr commands;
};

extern struct far edge; /* edge-1, at AT */

/* What is sent next, or was sent last. */
extern uint8_t env[SEAL_MSG_CAP];
extern size_t env_len;

/* sealed_world_set_up, sealed_world_tear_down - fake_new_far and edge, who has
 * said nothing yet; their end. */
void sealed_world_set_up(void);
void sealed_world_tear_down(void);

/* far_init - a node of that name whose command socket is there; it knows its
 * link key. */
void far_init(struct far *f, const char *name, const char *at);

/* seal_hello, seal_event - into env: f's hello, which says that name within,
 * and an event of its session. receive - control gets what is there. */
void seal_hello(struct far *f, const char *inner_name);
void seal_event(struct far *f, struct ipc_msg m);
void receive(void);

/* say_hello - f's own. get_ready - hello and ready: f has a session. */
void say_hello(struct far *f);
void get_ready(struct far *f);

/* ready_msg, beat_msg - bodies for seal_event; the beat's has 7 pending. */
struct ipc_msg ready_msg(void);
struct ipc_msg beat_msg(void);

/* take_welcome - f opens the WELCOME that was sent, and knows its session;
 * false: it does not open. take_command - the next command of it. */
bool take_welcome(struct far *f);
struct ipc_msg take_command(struct far *f);

/* n_dropped - events, for any reason. check_dropped - one, for this. */
uint64_t n_dropped(void);
void check_dropped(enum event_drop why);

/* check_refused - what is in env, as it is, is dropped and counted and no more.
 * check_refused_unless_whole - and so is what env is when it is cut short, or a
 * bit of it flips. */
void check_refused(void);
void check_refused_unless_whole(void);

#endif
