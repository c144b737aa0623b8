#include "common/lookup.h"

#include <netdb.h>

static size_t
take_answers(
    const struct addrinfo *ai, uint16_t port, struct addr *addrs, size_t max)
{
	size_t n = 0;

	for (; ai != NULL && n < max; ai = ai->ai_next) {
		if (addr_from_sockaddr(&addrs[n], ai->ai_addr) == -1)
			continue;
		addrs[n++].port = port;
	}
	return n;
}

int
lookup_host(const char *host, uint16_t port, struct addr *addrs, size_t max,
    size_t *n, const char **why)
{
	const struct addrinfo hints = {
	    .ai_socktype = SOCK_STREAM, .ai_flags = AI_ADDRCONFIG};
	struct addrinfo *ai = NULL;
	int error = getaddrinfo(host, NULL, &hints, &ai);

	*n = 0;
	if (error != 0) {
		*why = gai_strerror(error);
		return -1;
	}
	*n = take_answers(ai, port, addrs, max);
	freeaddrinfo(ai);
	return 0;
}

int
lookup_literal(const char *host, uint16_t port, struct addr *a)
{
	char text[ADDR_JOINED_CAP];

	return addr_parse(a, addr_join_host(host, port, text));
}
