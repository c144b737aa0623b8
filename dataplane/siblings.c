#include "dataplane/siblings.h"

#include <string.h>

/* Where the network is in text, and the port behind it. */
static int
split(const char *text, const char **network, size_t *len, const char **port)
{
	bool in_brackets = text[0] == '[';
	const char *end = in_brackets ? strstr(text, "]:") : strchr(text, ':');

	if (end == NULL)
		return -1;
	*network = text + in_brackets;
	*len = (size_t)(end - *network);
	*port = end + 1 + in_brackets;
	/* What has colons stands in brackets, and nothing else does. */
	return (memchr(*network, ':', *len) != NULL) == in_brackets ? 0 : -1;
}

static bool
is_unspecified(const struct cidr *network)
{
	struct addr a = {0};

	memcpy(a.ip, network->ip, sizeof a.ip);
	return cidr_is_single(network) && addr_is_unspecified(&a);
}

int
sibling_parse(struct sibling *s, const char *text)
{
	char network[CIDR_TEXT_CAP];
	struct sibling out;
	const char *from, *port;
	size_t len;

	if (split(text, &from, &len, &port) == -1 || len >= sizeof network)
		return -1;
	memcpy(network, from, len);
	network[len] = '\0';
	if (cidr_parse(&out.network, network) == -1 ||
	    is_unspecified(&out.network) ||
	    addr_parse_port(port, strlen(port), &out.port) == -1 ||
	    out.port == 0)
		return -1;
	*s = out;
	return 0;
}

static bool
is_special(const struct addr *a)
{
	return addr_is_loopback(a) || addr_is_link_local(a) ||
	       addr_is_unspecified(a);
}

enum sibling_listing
siblings_find(const struct siblings *ss, const struct addr *a)
{
	enum sibling_listing best = SIBLING_UNLISTED;

	for (size_t i = 0; i < ss->n; i++) {
		const struct sibling *s = &ss->list[i];

		if (s->port != a->port || !cidr_has(&s->network, a))
			continue;
		if (cidr_is_single(&s->network))
			return SIBLING_EXACT;
		if (!is_special(a))
			best = SIBLING_IN_NETWORK;
	}
	return best;
}
