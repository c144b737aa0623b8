#include "dataplane/admission.h"

#include <errno.h>

/* The key that sources are counted by: an address without its port. */
#define SOURCE_LEN sizeof(((struct addr *)0)->ip)

int
admissions_init(struct admissions *as, uint32_t max_public,
    uint32_t max_per_source, uint32_t max_local)
{
	as->n_public = as->n_local = 0;
	as->max_public = max_public;
	as->max_per_source = max_per_source;
	as->max_local = max_local;
	return tally_init(&as->sources, SOURCE_LEN, max_public);
}

void
admissions_fini(struct admissions *as)
{
	tally_fini(&as->sources);
}

static enum reason
take_public(struct admissions *as, const struct addr *source)
{
	if (as->n_public >= as->max_public)
		return REASON_LIMIT_CONNECTIONS;
	if (tally_take(&as->sources, source->ip, as->max_per_source) == -1)
		return errno == EDQUOT ? REASON_LIMIT_SOURCE : REASON_RESOURCES;
	as->n_public++;
	return REASON_NONE;
}

static enum reason
take_local(struct admissions *as)
{
	if (as->n_local >= as->max_local)
		return REASON_LIMIT_CONNECTIONS;
	as->n_local++;
	return REASON_NONE;
}

enum reason
admission_take(struct admissions *as, struct admission *a,
    const struct addr *remote, bool local)
{
	struct addr source = addr_source(remote);
	enum reason why = local ? take_local(as) : take_public(as, &source);

	if (why == REASON_NONE)
		*a = (struct admission){
		    .taken = true, .local = local, .source = source};
	return why;
}

void
admission_give(struct admissions *as, struct admission *a)
{
	if (!a->taken)
		return;
	a->taken = false;
	if (a->local) {
		as->n_local--;
		return;
	}
	as->n_public--;
	tally_give(&as->sources, a->source.ip);
}
