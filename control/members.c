#include "control/members.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "control/config.h"
#include "proto/ipc.h"

const char *
members_check_pattern(const char *text)
{
	static const char ALL[] = "abcdefghijklmnopqrstuvwxyz0123456789._-*?";
	size_t len = strlen(text);

	return len <= IPC_NAME_MAX && strspn(text, ALL) == len
		   ? NULL
		   : MEMBERS_PATTERN_EXPECTED;
}

int
members_init(struct members *ms, const struct conf_list *nodes)
{
	ms->n = 0;
	ms->list = calloc(nodes->n + 1, sizeof *ms->list);
	if (ms->list == NULL)
		return -1;
	for (size_t i = 0; i < nodes->n; i++) {
		const struct config_node *entry = nodes->items[i];
		struct member *m = &ms->list[ms->n++];

		m->pattern = entry->name;
		networks_init(&m->networks, &entry->networks);
	}
	return 0;
}

void
members_fini(struct members *ms)
{
	free(ms->list);
	*ms = (struct members){0};
}

static bool
has_name(const struct member *m, const char *name)
{
	return fnmatch(m->pattern, name, 0) == 0;
}

bool
members_know(const struct members *ms, const char *name)
{
	for (size_t i = 0; i < ms->n; i++)
		if (has_name(&ms->list[i], name))
			return true;
	return false;
}

bool
members_admit(const struct members *ms, const char *name, const struct addr *a)
{
	for (size_t i = 0; i < ms->n; i++)
		if (has_name(&ms->list[i], name) &&
		    networks_have(&ms->list[i].networks, a))
			return true;
	return false;
}
