/* A provider of ours, in terms of provider-base(7): it hands on what the
 * default one says that it has, less what is left out. The algorithms stay that
 * one's, and so does what they work with. */
#include "common/tls_library.h"

#include <openssl/core_dispatch.h>
#include <openssl/crypto.h>
#include <openssl/provider.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define PROVIDER_NAME "carrick-tls"

static const char *const CIPHERS[] = {"AES-128-GCM", "AES-256-GCM",
    "AES-128-CBC", "AES-256-CBC", "ChaCha20-Poly1305", NULL};
static const char *const KEYS[] = {
    "RSA", "RSA-PSS", "EC", "ED25519", "ED448", NULL};

enum { SELECTION_MAX = 16 };

struct tls_library {
	OSSL_LIB_CTX *context;
	OSSL_PROVIDER *provider; /* ours, in it */
};

/* What is left of an operation's algorithms. */
struct selection {
	OSSL_ALGORITHM list[SELECTION_MAX + 1]; /* ends with a zeroed one */
	size_t n;
};

/* OpenSSL calls us back with the default provider's context, which its
 * algorithms need, so there is no place for ours. Written by init alone, each
 * time with the same. */
static struct {
	OSSL_PROVIDER *whole; /* the default provider */
	struct selection ciphers;
	struct selection decoders;
} ours;

/* names: all that an algorithm has, with colons between them. */
static bool
is_first_name(const char *names, const char *const *wanted)
{
	size_t len = strcspn(names, ":");

	for (; *wanted != NULL; wanted++)
		if (strlen(*wanted) == len && memcmp(names, *wanted, len) == 0)
			return true;
	return false;
}

/* Those with one of these names and, unless it is "", this property. */
static void
select_named(struct selection *s, const OSSL_ALGORITHM *all,
    const char *const *names, const char *property)
{
	memset(s, 0, sizeof *s);
	for (; all->algorithm_names != NULL && s->n < SELECTION_MAX; all++)
		if (is_first_name(all->algorithm_names, names) &&
		    strstr(all->property_definition, property) != NULL)
			s->list[s->n++] = *all;
}

static const OSSL_ALGORITHM *
query(void *provider_context, int operation, int *no_cache)
{
	(void)provider_context;
	*no_cache = 0;
	switch (operation) {
	case OSSL_OP_CIPHER:
		return ours.ciphers.list;
	case OSSL_OP_DECODER:
		return ours.decoders.list;
	default:
		return OSSL_PROVIDER_query_operation(
		    ours.whole, operation, no_cache);
	}
}

/* Such as the groups that TLS can use. */
static int
get_capabilities(void *provider_context, const char *capability,
    OSSL_CALLBACK *each, void *arg)
{
	(void)provider_context;
	return OSSL_PROVIDER_get_capabilities(
	    ours.whole, capability, each, arg);
}

static void
tear_down(void *provider_context)
{
	(void)provider_context;
	(void)OSSL_PROVIDER_unload(ours.whole);
}

typedef void any_fn(void);

static const OSSL_DISPATCH OURS[] = {
    {OSSL_FUNC_PROVIDER_QUERY_OPERATION, (any_fn *)query},
    {OSSL_FUNC_PROVIDER_GET_CAPABILITIES, (any_fn *)get_capabilities},
    {OSSL_FUNC_PROVIDER_TEARDOWN, (any_fn *)tear_down},
    {0, NULL},
};

static const OSSL_ALGORITHM *
all_of(int operation)
{
	int no_cache;

	return OSSL_PROVIDER_query_operation(ours.whole, operation, &no_cache);
}

static int
init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core,
    const OSSL_DISPATCH **dispatch, void **provider_context)
{
	(void)handle;
	(void)core;
	ours.whole = OSSL_PROVIDER_load(NULL, "default");
	if (ours.whole == NULL)
		return 0;
	select_named(&ours.ciphers, all_of(OSSL_OP_CIPHER), CIPHERS, "");
	select_named(&ours.decoders, all_of(OSSL_OP_DECODER), KEYS,
	    "structure=SubjectPublicKeyInfo");
	*provider_context = OSSL_PROVIDER_get0_provider_ctx(ours.whole);
	*dispatch = OURS;
	return 1;
}

static int
count(OSSL_PROVIDER *provider, void *arg)
{
	size_t *n = arg;

	(void)provider;
	(*n)++;
	return 1;
}

/* Whoever has configured others, of hardware or with a certificate say, wants
 * them used. */
static bool
has_default_alone(void)
{
	size_t n = 0;

	return OSSL_PROVIDER_available(NULL, "default") &&
	       OSSL_PROVIDER_do_all(NULL, count, &n) && n == 1;
}

static int
open_library(struct tls_library *library)
{
	library->context = OSSL_LIB_CTX_new();
	if (library->context == NULL ||
	    !OSSL_PROVIDER_add_builtin(library->context, PROVIDER_NAME, init))
		return -1;
	library->provider = OSSL_PROVIDER_load(library->context, PROVIDER_NAME);
	return library->provider != NULL ? 0 : -1;
}

struct tls_library *
tls_library_new(void)
{
	struct tls_library *library =
	    has_default_alone() ? calloc(1, sizeof *library) : NULL;

	if (library == NULL || open_library(library) == 0)
		return library;
	tls_library_free(library);
	return NULL;
}

void
tls_library_free(struct tls_library *library)
{
	if (library == NULL)
		return;
	if (library->provider != NULL)
		(void)OSSL_PROVIDER_unload(library->provider);
	OSSL_LIB_CTX_free(library->context);
	free(library);
}

OSSL_LIB_CTX *
tls_library_context(const struct tls_library *library)
{
	return library != NULL ? library->context : NULL;
}
