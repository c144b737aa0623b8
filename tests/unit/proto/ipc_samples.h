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

enum {
	IPC_N_EVENT_SAMPLES = 12,
	IPC_N_COMMAND_SAMPLES = 12,
	IPC_N_SAMPLES = IPC_N_EVENT_SAMPLES + IPC_N_COMMAND_SAMPLES
};

extern const struct ipc_sample IPC_EVENT_SAMPLES[IPC_N_EVENT_SAMPLES];
extern const struct ipc_sample IPC_COMMAND_SAMPLES[IPC_N_COMMAND_SAMPLES];

/* ipc_sample - the i-th of all; the first is a NODE_HELLO. */
const struct ipc_sample *ipc_sample(int i);

/* ipc_sample_of - that of a type that there is. */
const struct ipc_sample *ipc_sample_of(enum ipc_type type);

/* ipc_sample_msg - the whole message: epochs and body. */
struct ipc_msg ipc_sample_msg(const struct ipc_sample *s);

/* ipc_sample_bytes - what it must be on the wire. buf has IPC_MSG_CAP bytes.
 * Returns the length. */
size_t ipc_sample_bytes(const struct ipc_sample *s, uint8_t *buf);

#endif
