/*
 * ipc_field - one field of an IPC message, for both directions: each function
 * reads or writes, according to which cursor is set. Ranges are checked at the
 * field and make the codec bad, so that an encoder can't send what a decoder
 * refuses. Pure, like all of ipc.h, whose part it is.
 */
#ifndef PROTO_IPC_FIELD_H
#define PROTO_IPC_FIELD_H

#include <stddef.h>
#include <stdint.h>

#include "proto/addr.h"
#include "proto/ipc.h"
#include "proto/wire.h"

struct ipc_codec {
	struct wire_reader *r; /* exactly one of r and w is set */
	struct wire_writer *w;
};

/* ipc_codec_refuse - the message is bad, whatever else is in it. */
void ipc_codec_refuse(struct ipc_codec *c);

/* ipc_field_u8, _u16, _u32 - a number in min..max. _u64: any. */
void ipc_field_u8(struct ipc_codec *c, uint8_t *v, uint8_t min, uint8_t max);
void
ipc_field_u16(struct ipc_codec *c, uint16_t *v, uint16_t min, uint16_t max);
void
ipc_field_u32(struct ipc_codec *c, uint32_t *v, uint32_t min, uint32_t max);
void ipc_field_u64(struct ipc_codec *c, uint64_t *v);

/* ipc_field_ttl - ms, IPC_TTL_MIN_MS..IPC_TTL_MAX_MS. */
void ipc_field_ttl(struct ipc_codec *c, uint32_t *v);

/* ipc_field_reason - one of proto/reason.h's. */
void ipc_field_reason(struct ipc_codec *c, uint8_t *v);

void ipc_field_tag(struct ipc_codec *c, uint8_t tag[IPC_TAG_LEN]);
void ipc_field_ticket(struct ipc_codec *c, uint8_t ticket[IPC_TICKET_LEN]);
void ipc_field_addr(struct ipc_codec *c, struct addr *a);

/* ipc_field_str - a str of IPC.md 2; s has cap bytes, the NUL included. */
void ipc_field_str(struct ipc_codec *c, char *s, size_t cap);

/* ipc_field_bytes - a vec of at most max_len bytes; what is read is borrowed
 * from the message. */
void ipc_field_bytes(struct ipc_codec *c, struct ipc_bytes *b, size_t max_len);

/* ipc_field_limits - what a pair is spliced with; IPC.md 2 and 4.4. */
void ipc_field_limits(struct ipc_codec *c, struct ipc_limits *b);

#endif
