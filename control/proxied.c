#include "control/proxied.h"

#include "control/arrival.h"
#include "control/control.h"
#include "proto/proxy.h"

/* The longest header and the most that a frontend may want fit. */
_Static_assert(PROXY_MAX + 16384 == IPC_MORE_MAX,
    "proto/IPC.md 4.2: 16 KiB and a PROXY header's 536");

static void
believe(struct arrival *a, const struct proxy_header *h)
{
	a->header_len = h->len;
	if (!h->is_known)
		return;
	a->remote = h->source;
	a->source = addr_source(&h->source);
	a->local = h->destination;
}

enum parse_result
proxied_look(const struct control *c, struct arrival *a,
    const struct ipc_bytes *b, size_t *want, enum refusal *why)
{
	struct proxy_header h;
	enum parse_result answer;

	if (a->header_len > 0) { /* read before; a node may show less */
		*why = REFUSAL_SHORT;
		return b->len < a->header_len ? PARSE_BAD : PARSE_OK;
	}
	if (!networks_have(&c->trusted_proxies, &a->remote)) {
		*why = REFUSAL_PROXY_UNTRUSTED;
		return proxy_is_begun(b->p, b->len) ? PARSE_BAD : PARSE_OK;
	}
	*why = REFUSAL_PROXY_HEADER;
	answer = proxy_parse(&h, b->p, b->len, want);
	if (answer == PARSE_OK)
		believe(a, &h);
	return answer;
}

bool
proxied_is_empty(
    const struct arrival *a, const struct ipc_bytes *own, uint8_t flags)
{
	return a->header_len > 0 && own->len == 0 &&
	       (flags & IPC_CONN_FINISHED) != 0;
}

void
proxied_end(struct control *c, struct arrival *a)
{
	c->counters.counts[COUNT_PROXIED_EMPTY]++;
	arrival_drop(c, a, IPC_DROP_ORDERLY);
}
