#include "proto/proxy2.h"

#include "proto/wire.h"

const uint8_t PROXY2_SIGNATURE[PROXY2_SIGNATURE_LEN] = {
    '\r', '\n', '\r', '\n', 0x00, '\r', '\n', 'Q', 'U', 'I', 'T', '\n'};

static void
put_fixed(struct wire_writer *w, uint8_t version, uint8_t family, uint16_t len)
{
	wire_put_bytes(w, PROXY2_SIGNATURE, sizeof PROXY2_SIGNATURE);
	wire_put_u8(w, version);
	wire_put_u8(w, family);
	wire_put_u16(w, len);
}

/* The last ip_len bytes of each address, then both ports. */
static void
put_addresses(struct wire_writer *w, const struct addr *src,
    const struct addr *dst, size_t ip_len)
{
	wire_put_bytes(w, src->ip + sizeof src->ip - ip_len, ip_len);
	wire_put_bytes(w, dst->ip + sizeof dst->ip - ip_len, ip_len);
	wire_put_u16(w, src->port);
	wire_put_u16(w, dst->port);
}

size_t
proxy2_put(
    const struct addr *src, const struct addr *dst, uint8_t buf[PROXY2_CAP])
{
	struct wire_writer w;

	wire_writer_init(&w, buf, PROXY2_CAP);
	if (src == NULL || addr_is_unspecified(src)) {
		put_fixed(&w, PROXY2_LOCAL, PROXY2_UNSPEC, 0);
	} else if (addr_is_v4(src) && addr_is_v4(dst)) {
		put_fixed(&w, PROXY2_PROXY, PROXY2_TCP4, 12);
		put_addresses(&w, src, dst, 4);
	} else {
		put_fixed(&w, PROXY2_PROXY, PROXY2_TCP6, 36);
		put_addresses(&w, src, dst, 16);
	}
	return w.len;
}
