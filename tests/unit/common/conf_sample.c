#include "tests/unit/common/conf_sample.h"

#include <string.h>

static const char *
check_level(const char *text)
{
	return strcmp(text, "debug") == 0 || strcmp(text, "info") == 0
		   ? NULL
		   : "one of debug, info";
}

static const char *
check_entry(const char *text)
{
	return strcmp(text, "bad") == 0 ? "anything but bad" : NULL;
}

static const struct conf_key ITEM_KEYS[] = {
    {CONF_KEY(item, STRING, file, 1, 100), .def = "x",
	.help = "Where it lies."},
    {CONF_KEY(item, BOOL, on, 0, 1), .def = "true", .help = "Whether it is."},
    {.name = NULL},
};

const struct conf_key SAMPLE_KEYS[] = {
    {CONF_KEY(sample, BOOL, flag, 0, 1), .def = "true", .help = "A flag."},
    {CONF_KEY(sample, U32, wait_ms, 100, 600000), .def = "20000",
	.help = "How long to wait.\nA second line."},
    {CONF_KEY(sample, U64, big, 0, UINT64_MAX), .def = "0",
	.help = "A large number."},
    {CONF_KEY(sample, STRING, text, 0, 20), .def = "some", .help = "A text."},
    {CONF_KEY(sample, STRING, level, 0, 400), .def = "info",
	.help = "A choice.", .check = check_level},
    {CONF_KEY(sample, STRINGS, list, 1, 4),
	.def = "[0.0.0.0:7443, \"[::]:7443\"]", .help = "A list.",
	.check = check_entry},
    {CONF_KEY(sample, SECTIONS, items, 0, 2), .help = "Sections.",
	.sub = ITEM_KEYS, .sub_size = sizeof(struct item)},
    {.name = NULL},
};
