/*
 * certform - what a protocol demands of its certificates, as data, so that
 * the code that makes certificates knows no protocol.
 */
#ifndef PROTO_CERTFORM_H
#define PROTO_CERTFORM_H

struct cert_form {
	const char *ca_key_pem; /* PKCS#8; NULL: the leaf signs itself */
	const char *ca_cn;	/* subject and issuer of the signing CA */
	const char *ca_o;
	const char *ca_san;	/* its DNS name */
	const char *cn_prefix;	/* leaf: subject CN = prefix + its SAN */
	const char *san_prefix; /* leaf: SAN = prefix + random + suffix */
	const char *san_suffix; /* NULL: the prefix alone */
	const char *not_before; /* ASN.1 GeneralizedTime */
	const char *not_after;
};

#endif
