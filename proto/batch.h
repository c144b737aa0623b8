/*
 * batch - how several IPC messages share one of the transport's. The
 * specification is proto/IPC.md 1.1.
 *
 * Pure: no descriptor, no heap, no log.
 */
#ifndef PROTO_BATCH_H
#define PROTO_BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/wire.h"

#define BATCH_CAP      65536 /* bytes */
#define BATCH_HEAD_LEN 2     /* bytes before each message: its length, u16 */
#define BATCH_MSGS_MAX 256   /* so that a turn has an end */
#define BATCH_MSG_MAX  (BATCH_CAP - BATCH_HEAD_LEN - 1) /* bytes */

/*
 * batch_has_room - whether a message of len bytes may go behind what a batch
 * holds already: n_msgs messages, batch_len bytes with their lengths. It is
 * put there by wire_put_vec.
 */
bool batch_has_room(size_t batch_len, size_t n_msgs, size_t len);

/*
 * batch_check - whether all of it can be taken apart, by wire_get_vec until
 * wire_done. Nothing of it is proved yet, nor understood.
 *
 * msg_max  bytes of a message, at most BATCH_MSG_MAX.
 * Returns  PARSE_OK; PARSE_MORE: a valid beginning, cut short; PARSE_BAD: a
 *          message that is empty or longer than msg_max, or too many.
 */
enum parse_result batch_check(const void *buf, size_t len, size_t msg_max);

#endif
