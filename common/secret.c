#include "common/secret.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

int
secret_random(void *p, size_t len)
{
	uint8_t *at = p;

	while (len > 0) {
		ssize_t n = getrandom(at, len, 0);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		at += n;
		len -= (size_t)n;
	}
	return 0;
}

uint64_t
secret_random_u64(void)
{
	uint64_t v = 0;

	while (v == 0)
		if (secret_random(&v, sizeof v) == -1)
			return 0;
	return v;
}

void
secret_wipe(void *p, size_t len)
{
	explicit_bzero(p, len);
}

bool
secret_equal(const void *a, const void *b, size_t len)
{
	const volatile uint8_t *x = a, *y = b;
	uint8_t differ = 0;

	for (size_t i = 0; i < len; i++)
		differ |= (uint8_t)(x[i] ^ y[i]);
	return differ == 0;
}
