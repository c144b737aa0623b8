#include "proto/figures.h"

static const struct {
	const char *name;
	bool gauge;
	const char *help;
} FIGURES[FIGURE_COUNT] = {
#define FIGURE_ROW(id, name, gauge, help) [FIGURE_##id] = {name, gauge, help},
    FIGURE_TABLE(FIGURE_ROW)
#undef FIGURE_ROW
};

const char *
figure_name(enum figure f)
{
	return FIGURES[f].name;
}

const char *
figure_help(enum figure f)
{
	return FIGURES[f].help;
}

bool
figure_is_gauge(enum figure f)
{
	return FIGURES[f].gauge;
}
