#include "proto/tx3.h"

#include <string.h>

static const char *const DIALECTS[] = {
    [TX3_NOTICE32] = "notice32",
    [TX3_NOTICE50] = "notice50",
};

const char *
tx3_dialect_name(enum tx3_dialect dialect)
{
	return DIALECTS[dialect];
}

int
tx3_dialect_parse(enum tx3_dialect *dialect, const char *name)
{
	for (size_t i = 0; i < sizeof DIALECTS / sizeof *DIALECTS; i++) {
		if (strcmp(DIALECTS[i], name) != 0)
			continue;
		*dialect = (enum tx3_dialect)i;
		return 0;
	}
	return -1;
}

size_t
tx3_notice_len(enum tx3_dialect dialect)
{
	return dialect == TX3_NOTICE50 ? TX3_NOTICE50_LEN : TX3_NOTICE32_LEN;
}

size_t
tx3_notice_encode(enum tx3_dialect dialect, const struct tx3_notice *n,
    uint8_t buf[TX3_NOTICE_MAX])
{
	struct wire_writer w;

	wire_writer_init(&w, buf, TX3_NOTICE_MAX);
	if (dialect == TX3_NOTICE50)
		addr_put(&w, &n->origin);
	wire_put_bytes(&w, n->token, sizeof n->token);
	return w.len;
}

enum parse_result
tx3_notice_decode(
    enum tx3_dialect dialect, struct tx3_notice *n, const void *p, size_t len)
{
	struct wire_reader r;

	if (len < tx3_notice_len(dialect))
		return PARSE_MORE;
	memset(n, 0, sizeof *n);
	wire_reader_init(&r, p, tx3_notice_len(dialect));
	if (dialect == TX3_NOTICE50)
		addr_get(&r, &n->origin);
	wire_get_bytes(&r, n->token, sizeof n->token);
	return PARSE_OK;
}

const struct cert_form TX3_CERT_FORM = {
    .ca_cn = "Lair Well-Known Pseudo-Self-Signing CA",
    .ca_o = "Holochain Foundation",
    .ca_san = "aKdjnmYOn1HVc_RwSdxR6qa.aQLW3d5D1nYiSSO2cOrcT7a",
    .ca_key_pem =
	"-----BEGIN PRIVATE KEY-----\n"
	"MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkxOEyiRyocjLRpQk\n"
	"RE7/bOwmHtkdLLGQrlz23m4aKQOhRANCAATUDekPM40vfqOMxf00KZwRk6gSciHx\n"
	"xkzPZovign1qmbu0vZstKoVLXoGvlA/Kral9txqhSEGqIL7TdbKyMMQz\n"
	"-----END PRIVATE KEY-----\n",
    .cn_prefix = "Lair Pseudo-Self-Signed Cert ",
    .san_prefix = "tx3",
    .san_suffix = "3xt",
    .not_before = "19750101000000Z",
    .not_after = "40960101000000Z",
};
