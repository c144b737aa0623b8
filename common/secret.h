/*
 * secret - random bytes, wiping, comparing in constant time. Without any
 * cryptographic library, so that the splice daemon can use it.
 */
#ifndef COMMON_SECRET_H
#define COMMON_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* secret_random - fill p with len bytes from getrandom(2).
 * Returns 0; -1 with errno (an old kernel, or a sandbox without it). */
int secret_random(void *p, size_t len);

/* secret_random_u64 - a random number other than 0; 0 if there is no
 * randomness. */
uint64_t secret_random_u64(void);

/* secret_wipe - overwrite so that no compiler leaves it out. */
void secret_wipe(void *p, size_t len);

/* secret_equal - compare in a time that depends on len alone. */
bool secret_equal(const void *a, const void *b, size_t len);

#endif
