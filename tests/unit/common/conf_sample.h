/* conf_sample - a configuration with a key of every type. */
#ifndef TESTS_UNIT_COMMON_CONF_SAMPLE_H
#define TESTS_UNIT_COMMON_CONF_SAMPLE_H

#include "common/conf.h"

struct item {
	char *file;
	bool on;
};

struct sample {
	bool flag;
	uint32_t wait_ms;
	uint64_t big;
	char *text;
	char *level;
	struct conf_list list;
	struct conf_list items;
};

extern const struct conf_key SAMPLE_KEYS[];

#endif
