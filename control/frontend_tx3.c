/*
 * tx3: the first 32 bytes decide (proto/TX3.md). A relay's digest opens a
 * control stream, a registered client's digest calls it, a token accepts a
 * call; whatever else is nobody's and is closed without a byte.
 */
#include "control/frontend_tx3.h"

#include <openssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include "common/secret.h"
#include "common/tls.h"
#include "control/arrival.h"
#include "control/call.h"
#include "control/control.h"
#include "proto/tx3.h"
#include "proto/url.h"

_Static_assert(TOKEN_LEN == TX3_TOKEN_LEN, "a token is one of tx3's");
_Static_assert(TOKEN_LEN == TX3_PREAMBLE_LEN, "a token is a preamble");
_Static_assert(DIGEST_TEXT_CAP <= FRONTEND_ID_CAP, "a digest's text fits");
_Static_assert((int)URL_TEXT_CAP <= (int)PUBLISH_TEXT_CAP, "a URL fits");

static enum sniff
sniff(const struct frontends *fs, const uint8_t *p, size_t len, size_t *want)
{
	(void)fs;
	(void)p;
	*want = TX3_PREAMBLE_LEN;
	return len < TX3_PREAMBLE_LEN ? SNIFF_MORE : SNIFF_YES;
}

static void
arrive(struct control *c, struct arrival *a, const struct ipc_bytes *first)
{
	const struct relay_identity *dialled =
	    identities_find(&c->identities, a->frontend, first->p);
	struct client *client;
	struct token *token;

	if (dialled != NULL) {
		stream_begin(c, a, dialled, TX3_PREAMBLE_LEN);
		return;
	}
	client = registry_find(&c->registry, a->frontend, first->p);
	if (client != NULL) {
		call_begin(c, client, a, TX3_PREAMBLE_LEN);
		return;
	}
	token = token_present(c, a->frontend, first->p);
	if (token != NULL) {
		call_come(c, token, a, TX3_PREAMBLE_LEN);
		return;
	}
	client = registry_expect(c, a->frontend, first->p);
	if (client != NULL)
		call_begin(c, client, a, TX3_PREAMBLE_LEN);
	else
		refuse(c, a, REFUSAL_NOBODY);
}

int
frontend_tx3_select_alpn(SSL *ssl, const unsigned char **out,
    unsigned char *out_len, const unsigned char *in, unsigned in_len, void *arg)
{
	static const char KNOWN[] = TX3_ALPN, OURS[] = TX3_ALPN_PREFIX;
	const size_t known_len = sizeof KNOWN - 1, ours_len = sizeof OURS - 1;
	int answer = SSL_TLSEXT_ERR_NOACK;

	(void)ssl;
	(void)arg;
	/* OpenSSL has checked that the names fill the list. */
	for (size_t i = 0; i < in_len; i += 1u + in[i]) {
		const unsigned char *name = in + i + 1;

		if (in[i] == known_len && memcmp(name, KNOWN, known_len) == 0) {
			*out = name;
			*out_len = in[i];
			return SSL_TLSEXT_ERR_OK;
		}
		if (in[i] >= ours_len && memcmp(name, OURS, ours_len) == 0)
			answer = SSL_TLSEXT_ERR_ALERT_FATAL;
	}
	return answer;
}

/* A client says nothing, so there is nothing that could be cut off. */
static const struct tls_profile TLS = {
    .min_version = TLS1_3_VERSION,
    .max_version = TLS1_3_VERSION,
    .ciphersuites = TX3_CIPHERSUITES,
    .ends_unsaid = true,
    .select_alpn = frontend_tx3_select_alpn,
};

/* Whoever asks for a dialect by name has it, whatever he dialled. The
 * all-clear tells him that he can be called. */
static void
opened(struct stream *s, const char *alpn)
{
	static const uint8_t ALL_CLEAR = TX3_ALL_CLEAR;

	if (alpn[0] != '\0')
		s->dialect = TX3_NOTICE50;
	stream_register(s, &ALL_CLEAR, sizeof ALL_CLEAR);
}

static int
announce(struct call *call)
{
	struct stream *s = call->client->stream;
	struct tx3_notice notice = {.origin = call->remote};
	uint8_t bytes[TX3_NOTICE_MAX];
	size_t len;
	int rc;

	memcpy(notice.token, call->parties[CALL_CLIENT].token.bytes,
	    sizeof notice.token);
	len = tx3_notice_encode((enum tx3_dialect)s->dialect, &notice, bytes);
	rc = stream_say(s, bytes, len);
	secret_wipe(&notice, sizeof notice);
	secret_wipe(bytes, sizeof bytes);
	return rc;
}

static struct log_text
log_client(const uint8_t *digest, size_t len)
{
	(void)len; /* the log shows no more than is always known */
	return log_digest(digest);
}

static const char *
dialect_name(unsigned dialect)
{
	return tx3_dialect_name((enum tx3_dialect)dialect);
}

/* Nodes that know notice50 read the later spelling alone. */
static void
publish(struct control *c, const struct relay_identity *who, const char *host,
    uint16_t port)
{
	struct url url = {.kind = URL_RELAYED, .port = port};
	char text[URL_TEXT_CAP];

	(void)snprintf(url.host, sizeof url.host, "%s", host);
	memcpy(url.digest, who->id->digest, sizeof url.digest);
	publish_url(c, who, url_format(&url, URL_SCHEME, text));
	if (who->dialect == TX3_NOTICE50)
		publish_url(c, who, url_format(&url, URL_STACK, text));
}

static const struct ipc_limits STREAM_SPLICE = {
    .keepalive_idle_s = TX3_KEEPALIVE_IDLE_S,
    .keepalive_interval_s = TX3_KEEPALIVE_INTERVAL_S,
    .keepalive_count = TX3_KEEPALIVE_COUNT,
};

const struct frontend frontend_tx3 = {
    .name = "tx3",
    .number = 1,
    .sniff = sniff,
    .arrive = arrive,
    .begins_bare = true,
    .log_client = log_client,
    .format_digest = digest_format,
    .dialect_name = dialect_name,
    .publish = publish,
    .cert_form = &TX3_CERT_FORM,
    .tls = &TLS,
    .stream_splice = &STREAM_SPLICE,
    .notice_max = TX3_NOTICE_MAX,
    .opened = opened,
    .announce = announce,
};
