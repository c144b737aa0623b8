/*
 * keyfile - the files that hold a cluster key or a node's link key: one line
 * that says what it is, whose it is, and the key.
 *
 *	carrick-cluster-key KEY
 *	carrick-link-key NAME KEY
 *
 * KEY is 32 bytes in base64url without padding. Lines that begin with # and
 * empty ones say nothing.
 */
#ifndef COMMON_KEYFILE_H
#define COMMON_KEYFILE_H

#include <stddef.h>

#include "common/seal.h"

#define KEYFILE_WHY_CAP	 256
#define KEYFILE_TEXT_CAP 512

/*
 * keyfile_load_cluster, keyfile_load_link - read a key.
 *
 * name     whose link key it must be.
 * why      out, KEYFILE_WHY_CAP bytes: on failure a sentence that names the
 *          file: unreadable, others may read it, another kind of key, another
 *          node's, nothing of the kind.
 * Returns  0; -1 with why.
 */
int
keyfile_load_cluster(uint8_t key[SEAL_KEY_LEN], const char *path, char *why);
int keyfile_load_link(
    struct seal_link *l, const char *path, const char *name, char *why);

/* keyfile_save_cluster - draw a cluster key into a new file, 0600; one that is
 * there is not touched (EEXIST). Returns 0; -1 with errno. */
int keyfile_save_cluster(const char *path);

/* keyfile_format_link - what a link key's file says. text has
 * KEYFILE_TEXT_CAP bytes, and is the caller's to wipe. Returns text. */
const char *keyfile_format_link(const struct seal_link *l, char *text);

#endif
