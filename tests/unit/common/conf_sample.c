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
    {.name = "file",
	.type = CONF_STRING,
	.offset = offsetof(struct item, file),
	.min = 1,
	.max = 100,
	.def = "x",
	.help = "Where it lies."},
    {.name = "on",
	.type = CONF_BOOL,
	.offset = offsetof(struct item, on),
	.def = "true",
	.help = "Whether it is."},
    {.name = NULL},
};

const struct conf_key SAMPLE_KEYS[] = {
    {.name = "flag",
	.type = CONF_BOOL,
	.offset = offsetof(struct sample, flag),
	.def = "true",
	.help = "A flag."},
    {.name = "wait_ms",
	.type = CONF_U32,
	.offset = offsetof(struct sample, wait_ms),
	.min = 100,
	.max = 600000,
	.def = "20000",
	.help = "How long to wait.\nA second line."},
    {.name = "big",
	.type = CONF_U64,
	.offset = offsetof(struct sample, big),
	.max = UINT64_MAX,
	.def = "0",
	.help = "A large number."},
    {.name = "text",
	.type = CONF_STRING,
	.offset = offsetof(struct sample, text),
	.max = 20,
	.def = "some",
	.help = "A text."},
    {.name = "level",
	.type = CONF_STRING,
	.offset = offsetof(struct sample, level),
	.max = 400,
	.def = "info",
	.help = "A choice.",
	.check = check_level},
    {.name = "list",
	.type = CONF_STRINGS,
	.offset = offsetof(struct sample, list),
	.min = 1,
	.max = 4,
	.def = "[0.0.0.0:7443, \"[::]:7443\"]",
	.help = "A list.",
	.check = check_entry},
    {.name = "items",
	.type = CONF_SECTIONS,
	.offset = offsetof(struct sample, items),
	.max = 2,
	.help = "Sections.",
	.sub = ITEM_KEYS,
	.sub_size = sizeof(struct item)},
    {.name = NULL},
};
