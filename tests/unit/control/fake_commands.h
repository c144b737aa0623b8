/*
 * fake_commands - what control says to its nodes, caught in nanomsg's place.
 * A test takes commands one by one, the oldest first; beats are left out.
 */
#ifndef TESTS_UNIT_CONTROL_FAKE_COMMANDS_H
#define TESTS_UNIT_CONTROL_FAKE_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/nnlink.h"
#include "proto/ipc.h"

/* fake_command - the next, which fails the test if it is not of this type. */
struct ipc_msg fake_command(enum ipc_type type);

/* fake_no_command - fails the test if there is one. */
void fake_no_command(void);
bool fake_has_command(void);

/* fake_envelope - the next command as it was sent: sealed. */
const uint8_t *fake_envelope(size_t *len);

/* fake_forget_commands - those that no test took. */
void fake_forget_commands(void);

/* Switches: nnlink_out_new fails with EMFILE; nnlink_send with ENOBUFS; the
 * command sockets have no peer; something waits for them. */
extern bool fake_no_pipeline;
extern bool fake_queue_full;
extern bool fake_disconnected;
extern bool fake_waiting;

/* Where the newest pipeline to a node goes, and how many there were. */
extern char fake_url[NNLINK_URL_CAP];
extern unsigned fake_n_links;

/* Commands that wait for the end of the turn. */
extern unsigned fake_n_held;

/* fake_commands_begin - for fake.c: none, and all switches off. */
void fake_commands_begin(void);

#endif
