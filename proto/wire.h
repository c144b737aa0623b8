/*
 * wire - bounded cursors over byte buffers, big-endian, with a sticky error.
 *
 * A reader or writer that was asked for more than its buffer holds sets
 * `bad`, and every later call does nothing (readers then return zeros), so a
 * codec is a straight list of fields with one check at its end.
 *
 * Pure: no descriptor, no heap, no log.
 */
#ifndef PROTO_WIRE_H
#define PROTO_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The three answers of every parser in proto/. */
enum parse_result {
	PARSE_OK,   /* understood; the out-parameters are written */
	PARSE_MORE, /* a valid beginning, bytes are missing */
	PARSE_BAD   /* no continuation can make it valid */
};

struct wire_reader {
	const uint8_t *p;
	size_t left;
	bool bad;
};

struct wire_writer {
	uint8_t *p;
	size_t len; /* bytes written so far */
	size_t cap;
	bool bad;
};

/* wire_reader_init - read the len bytes at p (borrowed). */
void wire_reader_init(struct wire_reader *r, const void *p, size_t len);

uint8_t wire_get_u8(struct wire_reader *r);
uint16_t wire_get_u16(struct wire_reader *r);
uint32_t wire_get_u32(struct wire_reader *r);
uint64_t wire_get_u64(struct wire_reader *r);

/* wire_get_bytes - copy exactly len bytes to dst (zeros once bad). */
void wire_get_bytes(struct wire_reader *r, void *dst, size_t len);

/* wire_get_view - the next len bytes in place, borrowed from the buffer;
 * NULL once bad. A view of 0 bytes is not NULL. */
const uint8_t *wire_get_view(struct wire_reader *r, size_t len);

/* wire_get_vec - a u16 length, then that many bytes in place.
 * max_len  a longer one sets bad.
 * Returns  the view, *len its length; NULL and 0 once bad. */
const uint8_t *wire_get_vec(struct wire_reader *r, size_t max_len, size_t *len);

/* wire_get_str - a u8 length, then that many bytes, into dst as a C string.
 * dst_cap includes the NUL; too long, or a NUL inside, sets bad. */
void wire_get_str(struct wire_reader *r, char *dst, size_t dst_cap);

/* wire_done - everything was there and everything is consumed. */
bool wire_done(const struct wire_reader *r);

/* wire_writer_init - write to the cap bytes at p (borrowed). */
void wire_writer_init(struct wire_writer *w, void *p, size_t cap);

void wire_put_u8(struct wire_writer *w, uint8_t v);
void wire_put_u16(struct wire_writer *w, uint16_t v);
void wire_put_u32(struct wire_writer *w, uint32_t v);
void wire_put_u64(struct wire_writer *w, uint64_t v);
void wire_put_bytes(struct wire_writer *w, const void *src, size_t len);

/* wire_put_vec - a u16 length, then the bytes; len above 65535 sets bad. */
void wire_put_vec(struct wire_writer *w, const void *src, size_t len);

/* wire_put_str - a u8 length, then the bytes of s without its NUL. */
void wire_put_str(struct wire_writer *w, const char *s);

#endif
