/*
 * tx3: the first 32 bytes decide (proto/TX3.md). A relay's digest opens a
 * control stream, a registered client's digest calls it, a token accepts a
 * call; whatever else is nobody's and is closed without a byte.
 */
#include "control/arrival.h"
#include "control/call.h"
#include "control/control.h"
#include "proto/tx3.h"

static enum sniff
sniff(const uint8_t *p, size_t len, size_t *want)
{
	(void)p;
	*want = TX3_PREAMBLE_LEN;
	return len < TX3_PREAMBLE_LEN ? SNIFF_MORE : SNIFF_YES;
}

static void
arrive(struct control *c, struct arrival *a, const struct ipc_bytes *first)
{
	const struct relay_identity *dialled =
	    identities_find(&c->identities, first->p);
	struct client *client;
	struct call *call;

	if (dialled != NULL) {
		stream_begin(c, a, dialled, TX3_PREAMBLE_LEN);
		return;
	}
	client = registry_find(&c->registry, first->p);
	if (client != NULL) {
		call_begin(c, client, a, TX3_PREAMBLE_LEN);
		return;
	}
	call = token_present(c, first->p);
	if (call != NULL) {
		call_join(c, call, a, TX3_PREAMBLE_LEN);
		return;
	}
	client = registry_expect(c, first->p);
	if (client != NULL)
		call_begin(c, client, a, TX3_PREAMBLE_LEN);
	else
		refuse(c, a, REFUSAL_NOBODY);
}

const struct frontend frontend_tx3 = {
    .name = "tx3",
    .number = 1,
    .sniff = sniff,
    .arrive = arrive,
};
