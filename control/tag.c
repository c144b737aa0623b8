#include "control/tag.h"

_Static_assert(
    TAG_PREFIX + PAIR_PREFIX_LEN == IPC_TAG_LEN, "a tag is filled exactly");

void
tag_make(uint8_t tag[IPC_TAG_LEN], enum pair_kind kind, uint8_t frontend,
    uint64_t serial, const uint8_t *prefix)
{
	struct wire_writer w;

	wire_writer_init(&w, tag, IPC_TAG_LEN);
	wire_put_u8(&w, (uint8_t)kind);
	wire_put_u8(&w, frontend);
	wire_put_u16(&w, 0);
	wire_put_u64(&w, serial);
	wire_put_bytes(&w, prefix, PAIR_PREFIX_LEN);
}

bool
tag_is_possible(const uint8_t *tag)
{
	return tag[TAG_KIND] >= PAIR_STREAM && tag[TAG_KIND] <= PAIR_HOP &&
	       tag[TAG_FRONTEND] != 0 && tag[2] == 0 && tag[3] == 0;
}

bool
tag_is_hop(const uint8_t *tag)
{
	return tag[TAG_KIND] == PAIR_HOP;
}

uint64_t
tag_serial(const uint8_t *tag)
{
	struct wire_reader r;

	wire_reader_init(&r, tag + TAG_SERIAL, sizeof(uint64_t));
	return wire_get_u64(&r);
}

const char *
tag_kind_name(const uint8_t *tag)
{
	switch ((enum pair_kind)tag[TAG_KIND]) {
	case PAIR_STREAM:
		return "stream";
	case PAIR_CALL:
		return "call";
	case PAIR_HOP:
		break;
	}
	return "hop";
}
