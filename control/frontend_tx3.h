/*
 * frontend_tx3 - what of the tx3 frontend others than control's core look at;
 * frontend.h has the frontend itself.
 */
#ifndef CONTROL_FRONTEND_TX3_H
#define CONTROL_FRONTEND_TX3_H

#include <openssl/ssl.h>

/*
 * frontend_tx3_select_alpn - which dialect a client wants, for OpenSSL.
 *
 * Returns  SSL_TLSEXT_ERR_OK: TX3_ALPN is among the names, and *out is it;
 *          SSL_TLSEXT_ERR_NOACK: no name of ours, so it is tx3, in the
 *          identity's dialect;
 *          SSL_TLSEXT_ERR_ALERT_FATAL (no_application_protocol): carrick/N,
 *          and none that this relay speaks.
 */
int frontend_tx3_select_alpn(SSL *ssl, const unsigned char **out,
    unsigned char *out_len, const unsigned char *in, unsigned in_len,
    void *arg);

#endif
