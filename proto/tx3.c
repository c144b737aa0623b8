#include "proto/tx3.h"

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
