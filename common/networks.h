/*
 * networks - a list of networks from the configuration, and whether an address
 * lies in one of them.
 */
#ifndef COMMON_NETWORKS_H
#define COMMON_NETWORKS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/conf.h"
#include "proto/cidr.h"

enum { NETWORKS_MAX = 64 };

struct networks {
	size_t n;
	struct cidr list[NETWORKS_MAX];
};

/* networks_check - for keys that hold such a list (conf_check_fn). */
const char *networks_check(const char *text);

/* networks_init - what a key's list says; each text was checked, and there are
 * at most NETWORKS_MAX. */
void networks_init(struct networks *ns, const struct conf_list *texts);

/* networks_have - whether a lies in one of them. */
bool networks_have(const struct networks *ns, const struct addr *a);

#endif
