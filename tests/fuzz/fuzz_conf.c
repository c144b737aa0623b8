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
    {CONF_KEY(item, STRING, file, 0, 100), .def = "x", .help = "a file"},
    {CONF_KEY(item, BOOL, on, 0, 1), .def = "true", .help = "a flag"},
    {.name = NULL},
};

static const struct conf_key KEYS[] = {
    {CONF_KEY(sample, BOOL, flag, 0, 1), .def = "false", .help = "a flag"},
    {CONF_KEY(sample, U32, number, 1, 10), .def = "5", .help = "a number"},
    {CONF_KEY(sample, U64, big, 0, UINT64_MAX), .def = "0",
	.help = "a large number"},
    {CONF_KEY(sample, STRING, text, 0, 20), .help = "a text"},
    {CONF_KEY(sample, STRINGS, list, 0, 4), .def = "[a, b]", .help = "texts"},
    {CONF_KEY(sample, SECTIONS, items, 0, 2), .help = "sections",
	.sub = ITEM_KEYS, .sub_size = sizeof(struct item)},
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
