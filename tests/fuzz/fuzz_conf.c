/* Any bytes as a configuration file: read or refused with one line. */
#include "tests/fuzz/fuzz.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "common/conf.h"

struct item {
	char *file;
	bool on;
};

struct sample {
	bool flag;
	uint32_t number;
	uint64_t big;
	char *text;
	struct conf_list list;
	struct conf_list items;
};

static const struct conf_key ITEM_KEYS[] = {
    {.name = "file",
	.type = CONF_STRING,
	.offset = offsetof(struct item, file),
	.max = 100,
	.def = "x",
	.help = "a file"},
    {.name = "on",
	.type = CONF_BOOL,
	.offset = offsetof(struct item, on),
	.def = "true",
	.help = "a flag"},
    {.name = NULL},
};

static const struct conf_key KEYS[] = {
    {.name = "flag",
	.type = CONF_BOOL,
	.offset = offsetof(struct sample, flag),
	.def = "false",
	.help = "a flag"},
    {.name = "number",
	.type = CONF_U32,
	.offset = offsetof(struct sample, number),
	.min = 1,
	.max = 10,
	.def = "5",
	.help = "a number"},
    {.name = "big",
	.type = CONF_U64,
	.offset = offsetof(struct sample, big),
	.max = UINT64_MAX,
	.def = "0",
	.help = "a large number"},
    {.name = "text",
	.type = CONF_STRING,
	.offset = offsetof(struct sample, text),
	.max = 20,
	.help = "a text"},
    {.name = "list",
	.type = CONF_STRINGS,
	.offset = offsetof(struct sample, list),
	.max = 4,
	.def = "[a, b]",
	.help = "texts"},
    {.name = "items",
	.type = CONF_SECTIONS,
	.offset = offsetof(struct sample, items),
	.max = 2,
	.help = "sections",
	.sub = ITEM_KEYS,
	.sub_size = sizeof(struct item)},
    {.name = NULL},
};

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct sample s;
	char path[64], why[CONF_WHY_CAP] = "";
	int fd = memfd_create("conf", MFD_CLOEXEC);

	memset(&s, 0, sizeof s);
	if (fd == -1 || write(fd, data, size) != (ssize_t)size)
		abort();
	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (conf_load(KEYS, &s, path, why) == 0) {
		if (s.number < 1 || s.number > 10 || s.list.n > 4)
			abort();
		conf_free(KEYS, &s);
	} else if (why[0] == '\0' || strchr(why, '\n') != NULL) {
		abort();
	}
	(void)close(fd);
	return 0;
}
