#include "proto/reason.h"

static const struct {
	const char *name;
	const char *help;
} REASONS[REASON_COUNT] = {
#define REASON_ROW(number, id, name, help) [number] = {name, help},
    REASON_TABLE(REASON_ROW)
#undef REASON_ROW
};

const char *
reason_name(unsigned v)
{
	return v < REASON_COUNT ? REASONS[v].name : "unknown";
}

const char *
reason_help(unsigned v)
{
	return v < REASON_COUNT ? REASONS[v].help : "";
}
