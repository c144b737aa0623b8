#include "dataplane/admission.h"

#include <errno.h>
#include <string.h>

/* The key that sources are counted by: an address without its port. */
#define SOURCE_LEN sizeof(((struct addr *)0)->ip)

int
admissions_init(struct admissions *as, const uint32_t max[ADMISSION_KINDS],
    uint32_t max_per_source, const struct conf_list *exempt)
{
	memset(as->n, 0, sizeof as->n);
	memcpy(as->max, max, sizeof as->max);
	as->max_per_source = max_per_source;
	networks_init(&as->exempt, exempt);
	return tally_init(&as->sources, SOURCE_LEN, max[ADMISSION_PUBLIC]);
}

void
admissions_fini(struct admissions *as)
{
	tally_fini(&as->sources);
}

static enum reason
take_of_source(struct admissions *as, const struct addr *source)
{
	if (tally_take(&as->sources, source->ip, as->max_per_source) == 0)
		return REASON_NONE;
	return errno == EDQUOT ? REASON_LIMIT_SOURCE : REASON_RESOURCES;
}

enum reason
admission_take(struct admissions *as, struct admission *a,
    const struct addr *remote, enum admission_kind kind)
{
	bool is_counted =
	    kind == ADMISSION_PUBLIC && !networks_have(&as->exempt, remote);
	/* Who is beside a balancer in its /64 has nothing of its limits. */
	struct addr source = is_counted ? addr_source(remote) : *remote;
	enum reason why = REASON_NONE;

	if (as->n[kind] >= as->max[kind])
		return REASON_LIMIT_CONNECTIONS;
	if (is_counted)
		why = take_of_source(as, &source);
	if (why != REASON_NONE)
		return why;
	as->n[kind]++;
	*a = (struct admission){.taken = true,
	    .kind = kind,
	    .is_counted = is_counted,
	    .source = source};
	return REASON_NONE;
}

void
admission_give(struct admissions *as, struct admission *a)
{
	if (!a->taken)
		return;
	a->taken = false;
	as->n[a->kind]--;
	if (a->is_counted)
		tally_give(&as->sources, a->source.ip);
}
