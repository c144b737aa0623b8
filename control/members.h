/*
 * members - who may be a splice node over tcp://: the key `nodes:`, name
 * patterns and the networks they may speak from.
 */
#ifndef CONTROL_MEMBERS_H
#define CONTROL_MEMBERS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/conf.h"
#include "common/networks.h"

/* What the pattern of an entry is made of, in a sentence. */
#define MEMBERS_PATTERN_EXPECTED \
	"a node's name, or a pattern of names with * and ?, such as edge-*"

struct member {
	const char *pattern; /* borrowed */
	struct networks networks;
};

/* Zeros: nobody. */
struct members {
	struct member *list; /* n of them, owned */
	size_t n;
};

/* members_check_pattern - conf_check_fn of an entry's name; that it is not empty
 * is for who reads the whole entry. */
conf_check_fn members_check_pattern;

/* members_init - what the key says (of struct config_node, checked, borrowed).
 * Returns 0; -1 with errno. */
int members_init(struct members *ms, const struct conf_list *nodes);
void members_fini(struct members *ms);

/* members_know - whether some entry has this name. */
bool members_know(const struct members *ms, const char *name);

/* members_admit - whether some entry has this name and this address. */
bool
members_admit(const struct members *ms, const char *name, const struct addr *a);

#endif
