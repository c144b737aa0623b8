#include "common/seal.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <string.h>

#include "common/secret.h"

#define INFO_CAP 80 /* bytes; the longest label and what follows it */

void
seal_quiet_start(void)
{
	/* Fails only where libcrypto can do nothing at all: each seal says so. */
	(void)OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
}

/* What a key is for: a label, then fields of fixed length (but for the name
 * of a link key, which is alone in coming from the cluster key). */
struct info {
	uint8_t bytes[INFO_CAP];
	struct wire_writer w;
};

static void
info_begin(struct info *i, const char *label)
{
	wire_writer_init(&i->w, i->bytes, sizeof i->bytes);
	wire_put_bytes(&i->w, label, strlen(label));
}

static int
hkdf(uint8_t out[SEAL_KEY_LEN], const uint8_t secret[SEAL_KEY_LEN],
    struct info *info)
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
	EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new(kdf) : NULL;
	char digest[] = "SHA256";
	const OSSL_PARAM params[] = {
	    OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
	    OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_KEY, (void *)secret, SEAL_KEY_LEN),
	    OSSL_PARAM_construct_octet_string(
		OSSL_KDF_PARAM_INFO, info->bytes, info->w.len),
	    OSSL_PARAM_construct_end(),
	};
	int rc = -1;

	assert(!info->w.bad);
	if (ctx != NULL && EVP_KDF_derive(ctx, out, SEAL_KEY_LEN, params) > 0)
		rc = 0;
	EVP_KDF_CTX_free(ctx);
	EVP_KDF_free(kdf);
	return rc;
}

int
seal_link_derive(
    struct seal_link *l, const uint8_t cluster[SEAL_KEY_LEN], const char *name)
{
	struct info info;

	assert(ipc_name_is_valid(name));
	info_begin(&info, "carrick node ");
	wire_put_bytes(&info.w, name, strlen(name));
	(void)strcpy(l->name, name);
	return hkdf(l->key, cluster, &info);
}

static int
hello_key(uint8_t key[SEAL_KEY_LEN], const struct seal_link *l,
    const uint8_t phase[SEAL_PHASE_LEN])
{
	struct info info;

	info_begin(&info, "carrick hello ");
	wire_put_bytes(&info.w, phase, SEAL_PHASE_LEN);
	return hkdf(key, l->key, &info);
}

static int
welcome_key(uint8_t key[SEAL_KEY_LEN], const struct seal_link *l,
    const uint8_t phase[SEAL_PHASE_LEN], uint64_t epoch)
{
	struct info info;

	info_begin(&info, "carrick welcome ");
	wire_put_bytes(&info.w, phase, SEAL_PHASE_LEN);
	wire_put_u64(&info.w, epoch);
	return hkdf(key, l->key, &info);
}

static int
session_key(uint8_t key[SEAL_KEY_LEN], const struct seal_link *l,
    enum seal_form form, uint64_t node_epoch, uint64_t control_epoch)
{
	struct info info;

	info_begin(
	    &info, form == SEAL_EVENT ? "carrick event " : "carrick command ");
	wire_put_u64(&info.w, node_epoch);
	wire_put_u64(&info.w, control_epoch);
	return hkdf(key, l->key, &info);
}

/* A context whose key is set, to seal or to open; the key is wiped. */
static EVP_CIPHER_CTX *
cipher_new(uint8_t key[SEAL_KEY_LEN], int seals)
{
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	int ok = ctx != NULL && EVP_CipherInit_ex(ctx, EVP_chacha20_poly1305(),
				    NULL, key, NULL, seals);

	secret_wipe(key, SEAL_KEY_LEN);
	if (ok)
		return ctx;
	EVP_CIPHER_CTX_free(ctx);
	return NULL;
}

/* Associated data: all that stands in clear, and the node's name. */
static int
begin_message(EVP_CIPHER_CTX *ctx, const uint8_t nonce[SEAL_NONCE_LEN],
    const uint8_t *clear, size_t clear_len, const char *name)
{
	int n;

	return EVP_CipherInit_ex(ctx, NULL, NULL, NULL, nonce, -1) &&
	       EVP_CipherUpdate(ctx, NULL, &n, clear, (int)clear_len) &&
	       EVP_CipherUpdate(
		   ctx, NULL, &n, (const uint8_t *)name, (int)strlen(name));
}

static void
session_nonce(uint8_t nonce[SEAL_NONCE_LEN], uint64_t counter)
{
	struct wire_writer w;

	wire_writer_init(&w, nonce, SEAL_NONCE_LEN);
	wire_put_u32(&w, 0);
	wire_put_u64(&w, counter);
}

/* Head, sealed message, tag. Returns the length; 0. */
static size_t
put(EVP_CIPHER_CTX *ctx, const struct seal_head *head, const char *name,
    const uint8_t nonce[SEAL_NONCE_LEN], const void *msg, size_t len,
    uint8_t *out)
{
	size_t head_len = seal_put_head(head, out);
	uint8_t *sealed = out + head_len;
	int n, last;

	assert(head_len > 0 && len > 0 && len <= IPC_MSG_CAP);
	if (!begin_message(ctx, nonce, out, head_len, name) ||
	    !EVP_CipherUpdate(ctx, sealed, &n, msg, (int)len) ||
	    !EVP_CipherFinal_ex(ctx, sealed + n, &last) ||
	    !EVP_CIPHER_CTX_ctrl(
		ctx, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_LEN, sealed + len))
		return 0;
	return head_len + len + SEAL_TAG_LEN;
}

/* Returns the message's length; 0: it does not open. */
static size_t
take(EVP_CIPHER_CTX *ctx, const struct seal_parts *parts, const char *name,
    const uint8_t nonce[SEAL_NONCE_LEN], uint8_t *out)
{
	size_t len = parts->sealed_len - SEAL_TAG_LEN;
	uint8_t tag[SEAL_TAG_LEN];
	int n, last;

	memcpy(tag, parts->sealed + len, sizeof tag);
	if (len == 0 ||
	    !begin_message(ctx, nonce, parts->clear, parts->clear_len, name) ||
	    !EVP_CIPHER_CTX_ctrl(
		ctx, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_LEN, tag) ||
	    !EVP_CipherUpdate(ctx, out, &n, parts->sealed, (int)len) ||
	    !EVP_CipherFinal_ex(ctx, out + n, &last))
		return 0;
	return len;
}

static size_t
put_once(uint8_t key[SEAL_KEY_LEN], struct seal_head *head, const char *name,
    const void *msg, size_t len, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = cipher_new(key, 1);
	size_t n = 0;

	if (ctx != NULL && secret_random(head->nonce, SEAL_NONCE_LEN) == 0)
		n = put(ctx, head, name, head->nonce, msg, len, out);
	EVP_CIPHER_CTX_free(ctx);
	return n;
}

static size_t
take_once(uint8_t key[SEAL_KEY_LEN], const struct seal_parts *parts,
    const char *name, uint8_t *out)
{
	EVP_CIPHER_CTX *ctx = cipher_new(key, 0);
	size_t n = 0;

	if (ctx != NULL)
		n = take(ctx, parts, name, parts->head.nonce, out);
	EVP_CIPHER_CTX_free(ctx);
	return n;
}

size_t
seal_put_hello(const struct seal_link *l, const uint8_t phase[SEAL_PHASE_LEN],
    const void *msg, size_t len, uint8_t *out)
{
	struct seal_head head = {.form = SEAL_HELLO, .type = IPC_NODE_HELLO};
	uint8_t key[SEAL_KEY_LEN];

	(void)strcpy(head.name, l->name);
	memcpy(head.phase, phase, SEAL_PHASE_LEN);
	return hello_key(key, l, phase) == 0
		   ? put_once(key, &head, l->name, msg, len, out)
		   : 0;
}

size_t
seal_put_welcome(const struct seal_link *l, const uint8_t phase[SEAL_PHASE_LEN],
    uint64_t epoch, const void *msg, size_t len, uint8_t *out)
{
	struct seal_head head = {.form = SEAL_WELCOME, .type = IPC_WELCOME};
	uint8_t key[SEAL_KEY_LEN];

	return welcome_key(key, l, phase, epoch) == 0
		   ? put_once(key, &head, l->name, msg, len, out)
		   : 0;
}

size_t
seal_open_hello(
    const struct seal_link *l, const struct seal_parts *parts, uint8_t *out)
{
	uint8_t key[SEAL_KEY_LEN];

	if (parts->head.form != SEAL_HELLO ||
	    strcmp(parts->head.name, l->name) != 0 ||
	    hello_key(key, l, parts->head.phase) != 0)
		return 0;
	return take_once(key, parts, l->name, out);
}

size_t
seal_open_welcome(const struct seal_link *l,
    const uint8_t phase[SEAL_PHASE_LEN], uint64_t epoch,
    const struct seal_parts *parts, uint8_t *out)
{
	uint8_t key[SEAL_KEY_LEN];

	if (parts->head.form != SEAL_WELCOME ||
	    welcome_key(key, l, phase, epoch) != 0)
		return 0;
	return take_once(key, parts, l->name, out);
}

static EVP_CIPHER_CTX *
direction_new(const struct seal_link *l, enum seal_form form, int seals,
    uint64_t node_epoch, uint64_t control_epoch)
{
	uint8_t key[SEAL_KEY_LEN];

	return session_key(key, l, form, node_epoch, control_epoch) == 0
		   ? cipher_new(key, seals)
		   : NULL;
}

int
seal_session_begin(struct seal_session *s, const struct seal_link *l,
    enum seal_side side, uint64_t node_epoch, uint64_t control_epoch)
{
	bool is_node = side == SEAL_AT_NODE;
	enum seal_form theirs = is_node ? SEAL_COMMAND : SEAL_EVENT;

	seal_session_end(s);
	s->put_form = is_node ? SEAL_EVENT : SEAL_COMMAND;
	(void)strcpy(s->name, l->name);
	s->ours = is_node ? node_epoch : control_epoch;
	s->theirs = is_node ? control_epoch : node_epoch;
	memset(&s->replay, 0, sizeof s->replay);
	s->put = direction_new(l, s->put_form, 1, node_epoch, control_epoch);
	s->open = direction_new(l, theirs, 0, node_epoch, control_epoch);
	if (s->put != NULL && s->open != NULL)
		return 0;
	seal_session_end(s);
	return -1;
}

void
seal_session_end(struct seal_session *s)
{
	EVP_CIPHER_CTX_free(s->put); /* wipes its key */
	EVP_CIPHER_CTX_free(s->open);
	s->put = s->open = NULL;
}

size_t
seal_session_put(
    struct seal_session *s, const void *msg, size_t len, uint8_t *out)
{
	struct seal_head head = {
	    .form = s->put_form,
	    .type = *(const uint8_t *)msg,
	    .from = s->ours,
	    .to = s->theirs,
	    .counter = s->counter + 1,
	};
	uint8_t nonce[SEAL_NONCE_LEN];

	if (s->put == NULL)
		return 0;
	s->counter++;
	session_nonce(nonce, s->counter);
	return put(s->put, &head, s->name, nonce, msg, len, out);
}

enum seal_result
seal_session_open(struct seal_session *s, const struct seal_parts *parts,
    uint8_t *out, size_t *len)
{
	const struct seal_head *h = &parts->head;
	enum seal_form theirs =
	    s->put_form == SEAL_EVENT ? SEAL_COMMAND : SEAL_EVENT;
	uint8_t nonce[SEAL_NONCE_LEN];
	size_t n;

	if (s->open == NULL || h->form != theirs || h->from != s->theirs ||
	    h->to != s->ours)
		return SEAL_FORGED;
	session_nonce(nonce, h->counter);
	n = take(s->open, parts, s->name, nonce, out);
	if (n == 0)
		return SEAL_FORGED;
	if (!replay_is_new(&s->replay, h->counter))
		return SEAL_REPEATED;
	replay_take(&s->replay, h->counter);
	*len = n;
	return SEAL_OPENED;
}
