#include "tests/unit/control/fake_commands.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/seal.h"

enum { COMMANDS_MAX = 4096 };

bool fake_no_pipeline;
bool fake_queue_full;
bool fake_disconnected;
bool fake_waiting;
char fake_url[NNLINK_URL_CAP];
unsigned fake_n_links;
unsigned fake_n_held;

static uint8_t commands[COMMANDS_MAX][256];
static size_t lens[COMMANDS_MAX];
static size_t n_commands;
static size_t n_taken;

/* What the linker puts in the place of the real ones. */
struct nnlink_out *
__wrap_nnlink_out_new(struct loop *l, const char *url, size_t max_queue);
void __wrap_nnlink_out_free(struct nnlink_out *out);
int __wrap_nnlink_send(struct nnlink_out *out, const void *p, size_t len);
void __wrap_nnlink_send_now(struct nnlink_out *out);
void __wrap_nnlink_out_flush(struct nnlink_out *out);
bool __wrap_nnlink_out_is_connected(const struct nnlink_out *out);
bool __wrap_nnlink_out_is_waiting(struct nnlink_out *out);
const char *__wrap_nnlink_out_way(const struct nnlink_out *out);

struct nnlink_out *
__wrap_nnlink_out_new(struct loop *l, const char *url, size_t max_queue)
{
	(void)l;
	(void)max_queue;
	if (fake_no_pipeline) {
		errno = EMFILE;
		return NULL;
	}
	ck_assert(strncmp(url, "ipc:///fake/", 12) == 0 || nnlink_is_tcp(url));
	(void)snprintf(fake_url, sizeof fake_url, "%s", url);
	fake_n_links++;
	return malloc(1);
}

void
__wrap_nnlink_out_free(struct nnlink_out *out)
{
	__wrap_nnlink_send_now(out);
	free(out);
}

int
__wrap_nnlink_send(struct nnlink_out *out, const void *p, size_t len)
{
	const uint8_t *type = p;

	(void)out;
	if (fake_queue_full) {
		errno = ENOBUFS;
		return -1;
	}
	fake_n_held++;
	if (type[0] == IPC_CONTROL_BEAT ||
	    (type[0] == SEAL_COMMAND && type[1] == IPC_CONTROL_BEAT))
		return 0;
	ck_assert_uint_lt(n_commands, COMMANDS_MAX);
	ck_assert_uint_le(len, sizeof commands[0]);
	memcpy(commands[n_commands], p, len);
	lens[n_commands++] = len;
	return 0;
}

void
__wrap_nnlink_send_now(struct nnlink_out *out)
{
	(void)out;
	fake_n_held = 0;
}

void
__wrap_nnlink_out_flush(struct nnlink_out *out)
{
	(void)out;
}

bool
__wrap_nnlink_out_is_connected(const struct nnlink_out *out)
{
	(void)out;
	return !fake_disconnected;
}

bool
__wrap_nnlink_out_is_waiting(struct nnlink_out *out)
{
	(void)out;
	return fake_waiting;
}

const char *
__wrap_nnlink_out_way(const struct nnlink_out *out)
{
	(void)out;
	return "faked";
}

void
fake_commands_begin(void)
{
	fake_forget_commands();
	fake_no_pipeline = fake_queue_full = false;
	fake_disconnected = fake_waiting = false;
	fake_url[0] = '\0';
	fake_n_links = fake_n_held = 0;
}

struct ipc_msg
fake_command(enum ipc_type type)
{
	struct ipc_msg m;

	ck_assert_msg(fake_has_command(), "no command; %s is wanted",
	    ipc_type_name(type));
	ck_assert_int_eq(
	    ipc_decode(&m, commands[n_taken], lens[n_taken], IPC_COMMAND),
	    PARSE_OK);
	n_taken++;
	ck_assert_msg(m.type == type, "%s instead of %s", ipc_type_name(m.type),
	    ipc_type_name(type));
	return m;
}

const uint8_t *
fake_envelope(size_t *len)
{
	ck_assert(fake_has_command());
	*len = lens[n_taken];
	return commands[n_taken++];
}

bool
fake_has_command(void)
{
	return n_taken < n_commands;
}

void
fake_no_command(void)
{
	ck_assert_msg(!fake_has_command(), "%s was sent",
	    ipc_type_name(commands[n_taken][0]));
}

void
fake_forget_commands(void)
{
	n_taken = n_commands = 0;
}
