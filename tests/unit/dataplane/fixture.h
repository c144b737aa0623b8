/*
 * fixture - a node whose nanomsg and clock are the test's: what it sends is
 * kept, commands are handed to it, peers are sockets of the test. Workers do
 * not run as threads: fixture_rounds turns their loops as well.
 *
 * For carrick_node_test (CMakeLists.txt).
 */
#ifndef TESTS_UNIT_DATAPLANE_FIXTURE_H
#define TESTS_UNIT_DATAPLANE_FIXTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/node.h"
#include "tests/unit/dataplane/fake_clock.h"
#include "tests/unit/dataplane/fake_links.h"
#include "tests/unit/dataplane/sockets.h"

#define FIXTURE_EVENTS 4096
#define SESSION	       0x5e5510u /* control's epoch, unless a test says else */
#define NEXT_SESSION   0xd1ffu	 /* and after that */

struct fixture {
	struct node *node;
	struct ipc_msg events[FIXTURE_EVENTS]; /* what was sent, oldest first */
	uint8_t *bytes[FIXTURE_EVENTS];	       /* what their views are into */
	size_t n_events;
	bool silent;  /* control does not beat while time passes */
	bool in_send; /* what is called now is the fixture's own doing */
};

extern struct fixture fixture;

/* fixture_begin - a node with these settings ("key=value", the last NULL), no
 * session yet. Returns the node; fixture_end frees it. */
struct node *fixture_begin(const char *const *settings);
void fixture_end(void);

/* fixture_welcome - a session; its NODE_READY and what else was sent is left
 * in events. */
void fixture_welcome(uint64_t session);

/* fixture_session - fixture_begin, fixture_welcome, and no events. */
struct node *fixture_session(const char *const *settings);

/* fixture_lose - control goes, and the session with it; there is somebody
 * again. */
void fixture_lose(void);

/* fixture_rounds - n rounds of the node's loop and its workers'. */
void fixture_rounds(int n);

/* fixture_advance - time passes in steps of at most 100 ms, a round each;
 * control beats unless it is silent. */
void fixture_advance(uint64_t ms);

/* fixture_command - hand m to the node as from control in this session. */
void fixture_command(struct ipc_msg *m);

/* fixture_release - n connections that control had taken up are gone. */
void fixture_release(int n);

/* fixture_acknowledge - control has heard of the releases up to seq. */
void fixture_acknowledge(uint64_t seq);

/* fixture_keep - what nnlink_send does: add to events. */
void fixture_keep(const void *p, size_t len);

/* fixture_arrive - a TCP (or UNIX: as from the accept socket) connection from
 * 192.0.2.x comes in. Returns the peer's end. */
int fixture_arrive(bool local, uint8_t x);

/* fixture_event - the i-th newest event of that type, 0 = the newest; fails if
 * there is none. */
const struct ipc_msg *fixture_event(enum ipc_type type, size_t i);
size_t fixture_count(enum ipc_type type);
void fixture_forget(void);

/* fixture_open - arrive, say text; returns the number that CONN_OPEN gave. */
uint64_t fixture_open(int *peer, bool local, const char *text);

/* Verdicts, as short as tests want them. */
void fixture_wait(uint64_t conn, uint16_t n, uint32_t ttl_ms);
void fixture_hold(
    uint64_t conn, uint16_t skip, enum ipc_on_fin on_fin, const char *say);
void
fixture_drop(uint64_t conn, uint16_t skip, enum ipc_how how, const char *say);
struct ipc_msg fixture_pair(uint64_t a, uint64_t b);

/* fixture_state - of a connection by its number; CLOSED if it is gone. */
enum pending_state fixture_state(uint64_t conn);

/* What there is to read now at a peer's end; "" = its end. */
void fixture_expect(int fd, const char *text);
void fixture_expect_reset(int fd);

/* fixture_ended - how many pending connections ended so. */
uint64_t fixture_ended(enum reason why);

#endif
