/*
 * ipc_samples - one message of each type, and the bytes that it must be,
 * written field by field as proto/IPC.md has it.
 */
#ifndef TESTS_UNIT_PROTO_IPC_SAMPLES_H
#define TESTS_UNIT_PROTO_IPC_SAMPLES_H

#include "proto/ipc.h"

struct ipc_sample {
	enum ipc_type type;
	void (*fill)(struct ipc_msg *m);      /* its body */
	void (*write)(struct wire_writer *w); /* the same as bytes */
};

extern const struct ipc_sample IPC_SAMPLES[];
extern const int IPC_N_SAMPLES;

/* ipc_sample_msg - the whole message: epochs and body. */
struct ipc_msg ipc_sample_msg(const struct ipc_sample *s);

/* ipc_sample_bytes - what it must be on the wire. buf has IPC_MSG_CAP bytes.
 * Returns the length. */
size_t ipc_sample_bytes(const struct ipc_sample *s, uint8_t *buf);

#endif
