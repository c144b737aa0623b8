/*
 * nnlink - nanomsg pipelines in an event loop: a bound NN_PULL that calls back
 * for each message, and a connected NN_PUSH behind a bounded queue (nanomsg
 * keeps nothing in user space, and a blocking send with no peer blocks for
 * ever). What one turn of the loop sends goes together, as a batch
 * (proto/batch.h): to hand a message to nanomsg's threads and to wake the
 * other process costs more than most messages do. What was seen of nanomsg
 * stands at the code. SIGPIPE must be ignored; loop_new does that. Who links
 * this has its bind(2), which takes no port before connect(2) or listen(2)
 * does (nnlink_socket.c).
 */
#ifndef COMMON_NNLINK_H
#define COMMON_NNLINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/loop.h"
#include "proto/addr.h"

#define NNLINK_IPC_PATH_MAX 107 /* bytes; nanomsg aborts on a longer one */

#define NNLINK_URL_CAP (6 + NNLINK_IPC_PATH_MAX + 1)

/*
 * nnlink_check_bind, nnlink_check_connect - whether nanomsg can bind to a URL,
 * or connect to it, without harm.
 *
 * why      out, static text.
 * Returns  0; -1: neither ipc:// nor tcp://; a path that is empty, not
 *          absolute or over NNLINK_IPC_PATH_MAX; no literal address ("*" too
 *          is one to bind to; "0.0.0.0", "[::]" and IPv6's link-local ones are
 *          none to connect to); no port from 1 to 65535. Names are for others
 *          to look up: nanomsg would do it in its own threads, where a
 *          sandbox makes it abort.
 */
int nnlink_check_bind(const char *url, const char **why);
int nnlink_check_connect(const char *url, const char **why);

/* nnlink_is_tcp - whether a URL begins with tcp://: what goes there is to be
 * sealed (proto/IPC.md 8). */
bool nnlink_is_tcp(const char *url);

/* nnlink_tcp_addr - of "tcp://ADDRESS:PORT"; "*" is [::]. Returns 0; -1 (*a
 * untouched): nothing that nnlink_check_bind takes, or ipc://. */
int nnlink_tcp_addr(struct addr *a, const char *url);

/* nnlink_tcp_url - the URL of an address; url has NNLINK_URL_CAP bytes.
 * Returns url. */
const char *nnlink_tcp_url(const struct addr *a, char *url);

struct nnlink_in;
/* One message; p is borrowed for the call. len 0: what came was no batch of
 * messages, and all of it is dropped. */
typedef void nnlink_fn(void *arg, const void *p, size_t len);
/* After the last message of a turn: where acks are sent, and with them what
 * the messages were answered with (nnlink_send_now). */
typedef void nnlink_idle_fn(void *arg);

/*
 * nnlink_in_new - bind an NN_PULL at url and call fn for each message.
 *
 * mode     of the ipc socket file from its first moment, such as 0660; of no
 *          meaning for tcp://. The process' umask is another meanwhile.
 * max_len  bytes of a message, at most BATCH_MSG_MAX; nanomsg closes a
 *          connection that sends more than BATCH_CAP at once.
 * idle     called once after each batch; may be NULL.
 * Returns  NULL with errno: EADDRINUSE (a live process has it), EINVAL (the
 *          URL), EEXIST (a file that is no socket is in the way, and stays),
 *          EACCES (its folder may not be written), or what nn_bind said.
 * Context  fn and idle may free whatever they like but this link.
 */
struct nnlink_in *
nnlink_in_new(struct loop *loop, const char *url, unsigned mode, size_t max_len,
    nnlink_fn *fn, nnlink_idle_fn *idle, void *arg);

/* nnlink_in_free - not from within fn or idle; NULL is fine. */
void nnlink_in_free(struct nnlink_in *in);

/* nnlink_in_peers - connections at this moment (NN_STAT_CURRENT_CONNECTIONS).
 */
unsigned nnlink_in_peers(const struct nnlink_in *in);

struct nnlink_out;

/*
 * nnlink_out_new - connect an NN_PUSH to url; nanomsg reconnects by itself.
 *
 * max_queue  messages that wait here while nanomsg takes none, 1..65536.
 * Returns    NULL with errno.
 */
struct nnlink_out *
nnlink_out_new(struct loop *loop, const char *url, size_t max_queue);

/* nnlink_out_free - nnlink_send_now, then forget what waits and disconnect;
 * not after the loop's end. NULL is fine. */
void nnlink_out_free(struct nnlink_out *out);

/*
 * nnlink_send - send len bytes (copied; 1 to BATCH_MSG_MAX) with the others of
 * this turn at its end, at once if they are a full batch, or in turn; never
 * blocks.
 *
 * Returns  0; -1 with errno ENOBUFS (queue full) or ENOMEM: it is not sent. At
 *          another errno an earlier one was lost as well.
 */
int nnlink_send(struct nnlink_out *out, const void *p, size_t len);

/* nnlink_send_now - what this turn sent so far goes at once, where the rest of
 * the turn may take long. */
void nnlink_send_now(struct nnlink_out *out);

/* nnlink_out_flush - forget what waits: it was for a session that is over. */
void nnlink_out_flush(struct nnlink_out *out);

/* nnlink_out_is_waiting - nnlink_send_now, then whether something waits its
 * turn: nanomsg takes no more at this moment. */
bool nnlink_out_is_waiting(struct nnlink_out *out);

/*
 * nnlink_out_is_connected - whether nanomsg has a peer at this moment, as it
 * believes. One that hangs up as soon as it has greeted is believed in for
 * ever (nanomsg 1.1.5 takes the news for none of a connection that is up): who
 * gets no answer makes the link anew.
 */
bool nnlink_out_is_connected(const struct nnlink_out *out);

/* nnlink_out_way - how its tries to connect went so far, in words for a log:
 * nanomsg says nothing of them. Static text. */
const char *nnlink_out_way(const struct nnlink_out *out);

#endif
