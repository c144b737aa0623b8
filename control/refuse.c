#include "control/refuse.h"

#include "common/log.h"
#include "common/secret.h"
#include "common/siphash.h"
#include "control/arrival.h"
#include "control/control.h"

/* What an operator would change, had it not been meant so. Who meets a limit
 * of one source may well be many, behind a balancer that is not listed. */
static const char *const KEYS[REFUSAL_COUNT] = {
    [REFUSAL_PROXY_HEADER] = "trusted_proxies",
    [REFUSAL_PROXY_UNTRUSTED] = "trusted_proxies",
    [REFUSAL_OTHER_NODE] = "siblings,accept_listen", /* of splice.yml */
    [REFUSAL_LIMIT_STREAMS] = "max_control_streams",
    [REFUSAL_LIMIT_STREAMS_SOURCE] =
	"max_control_streams_per_source,trusted_proxies",
    [REFUSAL_LIMIT_STREAMS_NODE] = "max_control_streams",
    [REFUSAL_LIMIT_HANDSHAKES] = "max_handshakes",
    [REFUSAL_LIMIT_HANDSHAKES_SOURCE] =
	"max_handshakes_per_source,trusted_proxies",
    [REFUSAL_LIMIT_HANDSHAKES_NODE] = "max_handshakes",
    [REFUSAL_LIMIT_CLIENT] = "max_relays_per_client",
    [REFUSAL_LIMIT_WAITING] = "max_relays_per_client",
    [REFUSAL_LIMIT_WAITING_SOURCE] = "max_relays_per_client,trusted_proxies",
};

int
refusals_init(struct refusals *r, uint64_t now_ms)
{
	if (secret_random(r->hash_key, sizeof r->hash_key) != 0)
		return -1;
	for (size_t i = 0; i < REFUSALS_BUCKETS; i++)
		rate_init(
		    &r->buckets[i], REFUSALS_PER_S, REFUSALS_BURST, now_ms);
	return 0;
}

static bool
is_within_rate(struct refusals *r, const struct addr *source, uint64_t now_ms)
{
	uint64_t hash = siphash(r->hash_key, source->ip, sizeof source->ip);
	struct rate *bucket = &r->buckets[hash % REFUSALS_BUCKETS];

	if (rate_available(bucket, now_ms) == 0)
		return false;
	rate_take(bucket, 1);
	return true;
}

void
refuse(struct control *c, struct arrival *a, enum refusal why)
{
	uint64_t now_ms = loop_now_ms(c->loop);

	c->counters.refused[why]++;
	if (!is_within_rate(&c->refusals, &a->source, now_ms)) {
		arrival_drop(c, a, IPC_DROP_RESET);
		return;
	}
	log_info("refused",
	    "node=%s conn=%016llx source=%s reason=%s%s%s ms=%llu",
	    a->node->name, (unsigned long long)a->conn, log_addr(&a->remote).s,
	    refusal_name(why), KEYS[why] != NULL ? " key=" : "",
	    KEYS[why] != NULL ? KEYS[why] : "",
	    (unsigned long long)(now_ms - a->since_ms));
	arrival_drop_saying(c, a, &a->no);
}

void
refuse_wish(const struct stream *stream, enum refusal why)
{
	struct control *c = stream->control;

	c->counters.refused[why]++;
	if (!is_within_rate(
		&c->refusals, &stream->payer.source, loop_now_ms(c->loop)))
		return;
	log_info("refused", "client=%s source=%s reason=%s%s%s",
	    stream->frontend->log_client(stream->digest, DIGEST_LEN).s,
	    log_addr(&stream->remote).s, refusal_name(why),
	    KEYS[why] != NULL ? " key=" : "",
	    KEYS[why] != NULL ? KEYS[why] : "");
}
