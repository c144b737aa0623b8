#include "client/allow.h"

#include <openssl/x509_vfy.h>
#include <string.h>

#include "common/clock.h"
#include "common/identity.h"
#include "common/log.h"

int
allow_parse(
    struct allow *allow, const struct command_list *texts, struct fault *fault)
{
	allow->n = 0;
	for (size_t i = 0; i < texts->n; i++) {
		const char *text = texts->items[i];

		if (digest_parse(allow->digests[i], text, strlen(text)) == -1)
			return fault_set(fault, EXITCODE_USAGE,
			    "--allow %.80s: a digest is %d characters of "
			    "base64url, as carrick id prints it",
			    text, DIGEST_TEXT_LEN);
		allow->n++;
	}
	return 0;
}

/*
 * The digest whole, so that it can be copied to --allow. But the handshake was
 * ended before its key was proved: anybody who has seen a certificate can show
 * it, as often as they like.
 */
static void
log_refused(struct allow *allow, const uint8_t digest[DIGEST_LEN])
{
	uint64_t now_ms = clock_boot_ms();
	char text[DIGEST_TEXT_CAP];

	if (rate_available(&allow->records, now_ms) == 0) {
		allow->n_unlogged++;
		return;
	}
	rate_take(&allow->records, 1);
	log_info("guest-refused", "peer=%s key=unproved unlogged=%u",
	    digest_format(digest, text), allow->n_unlogged);
	allow->n_unlogged = 0;
}

static int
is_allowed(X509_STORE_CTX *store, void *arg)
{
	struct allow *allow = arg;
	uint8_t digest[DIGEST_LEN] = {0};

	if (identity_digest_of(X509_STORE_CTX_get0_cert(store), digest) == 0) {
		for (size_t i = 0; i < allow->n; i++) {
			if (memcmp(allow->digests[i], digest, DIGEST_LEN) == 0)
				return 1;
		}
	}
	log_refused(allow, digest);
	X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
	return 0;
}

/* The certificate's key is proved by the handshake's next message. */
void
allow_install(struct allow *allow, SSL_CTX *ctx)
{
	if (allow->n == 0)
		return;
	rate_init(&allow->records, ALLOW_RECORDS_PER_S, ALLOW_RECORDS_BURST,
	    clock_boot_ms());
	SSL_CTX_set_cert_verify_callback(ctx, is_allowed, allow);
}
