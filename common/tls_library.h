/*
 * tls_library - OpenSSL without what no handshake of ours needs. For each
 * certificate that is shown OpenSSL 3.0 goes through all algorithms that its
 * provider has and all decoders, several times: of a handshake that takes a
 * fifth. It also means that nobody's certificate reaches a decoder beyond
 * those of keys that TLS can use.
 */
#ifndef COMMON_TLS_LIBRARY_H
#define COMMON_TLS_LIBRARY_H

#include <openssl/types.h>

struct tls_library;

/*
 * tls_library_new - for contexts that see many handshakes.
 *
 * Has      all that OpenSSL's default provider has, but of ciphers those of
 *          TLS with AES or ChaCha20 alone, and of decoders those of public keys
 *          in certificates: RSA, RSA-PSS, EC, Ed25519, Ed448.
 * Returns  owned by the caller; NULL: OpenSSL's own is to be used, for
 *          openssl.cnf has it work with other providers, or there is no memory.
 */
struct tls_library *tls_library_new(void);

/* tls_library_free - after all that was made with it; NULL is fine. */
void tls_library_free(struct tls_library *library);

/* tls_library_context - for OpenSSL's functions, borrowed; NULL of NULL, which
 * to them is OpenSSL's own. */
OSSL_LIB_CTX *tls_library_context(const struct tls_library *library);

#endif
