#include "tests/unit/proto/ipc_samples.h"

#include <string.h>

#include "tests/unit/proto/ipc_values.h"

const struct addr V4 = {.ip = {[10] = 0xff, 0xff, 192, 0, 2, 7}, .port = 7443};
const struct addr V6 = {.ip = {0x20, 0x01, 0x0d, 0xb8, [15] = 1}, .port = 443};
const uint8_t TAG[IPC_TAG_LEN] = "a tag of thirty-two bytes opaque";

struct ipc_bytes
bytes_of(const char *text)
{
	return (struct ipc_bytes){(const uint8_t *)text, strlen(text)};
}

const struct ipc_sample *
ipc_sample(int i)
{
	return i < IPC_N_EVENT_SAMPLES
		   ? &IPC_EVENT_SAMPLES[i]
		   : &IPC_COMMAND_SAMPLES[i - IPC_N_EVENT_SAMPLES];
}

const struct ipc_sample *
ipc_sample_of(enum ipc_type type)
{
	int i = 0;

	while (ipc_sample(i)->type != type)
		i++;
	return ipc_sample(i);
}

struct ipc_msg
ipc_sample_msg(const struct ipc_sample *s)
{
	struct ipc_msg m;

	memset(&m, 0, sizeof m);
	m.type = s->type;
	m.from = FROM;
	m.to = s->type == IPC_NODE_HELLO ? 0 : TO;
	s->fill(&m);
	return m;
}

size_t
ipc_sample_bytes(const struct ipc_sample *s, uint8_t *buf)
{
	struct wire_writer w;

	wire_writer_init(&w, buf, IPC_MSG_CAP);
	wire_put_u8(&w, (uint8_t)s->type);
	wire_put_u8(&w, 1);
	wire_put_u8(&w, 0);
	wire_put_u8(&w, 0);
	wire_put_u64(&w, FROM);
	wire_put_u64(&w, s->type == IPC_NODE_HELLO ? 0 : TO);
	s->write(&w);
	return w.len;
}
