/*
 * ipc_values - what stands in the fields of the samples. For ipc_samples*.c
 * alone.
 */
#ifndef TESTS_UNIT_PROTO_IPC_VALUES_H
#define TESTS_UNIT_PROTO_IPC_VALUES_H

#include "proto/ipc.h"

#define FROM 0x1112131415161718
#define TO   0x2122232425262728
#define CONN 0x3132333435363738
#define SEQ  0x4142434445464748

extern const struct addr V4, V6;
extern const uint8_t TAG[IPC_TAG_LEN];

/* bytes_of - of a text, without its NUL. */
struct ipc_bytes bytes_of(const char *text);

#endif
