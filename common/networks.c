#include "common/networks.h"

#include <assert.h>

const char *
networks_check(const char *text)
{
	struct cidr c;

	return cidr_parse(&c, text) == 0 ? NULL : CIDR_EXPECTED;
}

void
networks_init(struct networks *ns, const struct conf_list *texts)
{
	assert(texts->n <= NETWORKS_MAX);
	ns->n = 0;
	for (size_t i = 0; i < texts->n; i++)
		if (cidr_parse(&ns->list[ns->n], texts->items[i]) == 0)
			ns->n++;
}

bool
networks_have(const struct networks *ns, const struct addr *a)
{
	for (size_t i = 0; i < ns->n; i++)
		if (cidr_has(&ns->list[i], a))
			return true;
	return false;
}
