/*
 * Syncthing's relay protocol (proto/SYNCTHING.md): TLS with its ALPN name is a
 * device that wants to join or to ask for another; its magic in plain bytes is
 * a device that brings a session's key.
 */
#include <openssl/ssl.h>

#include "common/tls.h"
#include "control/arrival.h"
#include "control/call.h"
#include "control/client_hello.h"
#include "control/control.h"
#include "control/stream_tls.h"
#include "control/syncthing_client.h"

_Static_assert(sizeof((struct token *)NULL)->bytes == SYNCTHING_KEY_LEN,
    "a key is a token");
_Static_assert((int)SYNCTHING_MSG_MAX <= (int)STREAM_TLS_READ_MAX,
    "a message is given in one piece");
_Static_assert(DEVICEID_TEXT_CAP <= FRONTEND_ID_CAP, "an ID fits");
_Static_assert((int)SYNCTHING_URL_CAP <= (int)PUBLISH_TEXT_CAP, "a URL fits");

/* Of what can't become a message the magic alone is this protocol's, and gets
 * an answer. */
static enum sniff
sniff_session(const uint8_t *p, size_t len, size_t *want)
{
	enum { MAGIC_LEN = 4 };
	size_t total;

	switch (syncthing_measure(p, len, &total)) {
	case PARSE_OK:
		*want = total;
		return len < total ? SNIFF_MORE : SNIFF_YES;
	case PARSE_MORE:
		*want = SYNCTHING_HEADER_LEN;
		return SNIFF_MORE;
	case PARSE_BAD:
		break;
	}
	return len >= MAGIC_LEN &&
		       syncthing_measure(p, MAGIC_LEN, &total) == PARSE_MORE
		   ? SNIFF_YES
		   : SNIFF_NO;
}

static enum sniff
sniff(const struct frontends *fs, const uint8_t *p, size_t len, size_t *want)
{
	enum sniff answer = sniff_session(p, len, want);

	if (answer != SNIFF_NO)
		return answer;
	switch (client_hello_offers(fs->hellos, SYNCTHING_ALPN, p, len, want)) {
	case PARSE_OK:
		return SNIFF_YES;
	case PARSE_MORE:
		return SNIFF_MORE;
	case PARSE_BAD:
		break;
	}
	return SNIFF_NO;
}

/* Who brings a key, and is told what became of it. */
static void
arrive_session(
    struct control *c, struct arrival *a, const struct ipc_bytes *first)
{
	struct token *token = NULL;
	struct syncthing_msg m;
	size_t used;

	a->no = syncthing_not_found();
	if (syncthing_decode(&m, first->p, first->len, &used) != PARSE_OK) {
		refuse(c, a, REFUSAL_NOBODY);
		return;
	}
	if (m.type != SYNCTHING_JOIN_SESSION_REQUEST)
		a->no = syncthing_unexpected();
	else if (m.u.key.len == SYNCTHING_KEY_LEN)
		token = token_present(c, a->frontend, m.u.key.p);
	if (token != NULL)
		call_come(c, token, a, (uint16_t)used);
	else
		refuse(c, a, REFUSAL_NOBODY);
}

static void
arrive(struct control *c, struct arrival *a, const struct ipc_bytes *first)
{
	size_t want;

	if (sniff_session(first->p, first->len, &want) == SNIFF_YES)
		arrive_session(c, a, first);
	else
		stream_begin(
		    c, a, identities_of(&c->identities, a->frontend), 0);
}

static size_t
greet(uint8_t buf[FRONTEND_GREETING_MAX])
{
	const struct ipc_bytes words = syncthing_success();

	memcpy(buf, words.p, words.len);
	return words.len;
}

static struct log_text
log_client(const uint8_t *digest, size_t len)
{
	struct log_text text = {.s = ""};

	(void)deviceid_format_prefix(digest, len, text.s);
	return text;
}

static void
publish(struct control *c, const struct relay_identity *who, const char *host,
    uint16_t port)
{
	char text[SYNCTHING_URL_CAP];

	publish_url(
	    c, who, syncthing_url_format(host, port, who->id->digest, text));
}

static int
select_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
    const unsigned char *in, unsigned in_len, void *arg)
{
	static const unsigned char OURS[] = "\x09" SYNCTHING_ALPN;
	unsigned char *name;

	(void)ssl;
	(void)arg;
	if (SSL_select_next_proto(&name, out_len, OURS, sizeof OURS - 1, in,
		in_len) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_ALERT_FATAL;
	*out = name;
	return SSL_TLSEXT_ERR_OK;
}

/* Messages say where they end. Whose keys are on P-256 gains nothing by longer
 * ones for AES, but SHA-256 costs a fraction of SHA-384, and a handshake hashes
 * much. */
static const struct tls_profile TLS = {
    .min_version = TLS1_2_VERSION,
    .max_version = TLS1_3_VERSION,
    .ciphersuites = SYNCTHING_CIPHERSUITES,
    .ciphers = SYNCTHING_CIPHERS,
    .wants_one_link = true,
    .ends_unsaid = true,
    .select_alpn = select_alpn,
};

/* Pings are the protocol's own; the node's keepalive is as for pairs. */
static const struct ipc_limits STREAM_SPLICE = {.idle_ms = 0};

const struct frontend frontend_syncthing = {
    .name = "syncthing",
    .number = 2,
    .sniff = sniff,
    .arrive = arrive,
    .log_client = log_client,
    .format_digest = deviceid_format,
    .publish = publish,
    .cert_form = &SYNCTHING_CERT_FORM,
    .tls = &TLS,
    .registers_late = true,
    .stream_splice = &STREAM_SPLICE,
    .notice_max = SYNCTHING_INVITATION_MAX,
    .opened = syncthing_client_opened,
    .received = syncthing_client_received,
    .due = syncthing_client_due,
    .heard = syncthing_client_heard,
    .ended = syncthing_client_ended,
    .announce = syncthing_client_announce,
    .turned_away = syncthing_client_turned_away,
    .greet = greet,
    .keeps_fin = true,
};
