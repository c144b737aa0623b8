#include "client/command.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "client/fault.h"

struct parse {
	const struct command *command;
	char *const *argv;
	size_t n;
	size_t next;
	size_t n_operands;
	unsigned char *out;
	char *why;
};

static bool
is_last(const struct command_arg *a)
{
	return a->type == COMMAND_OPERAND && a->value == NULL;
}

static const struct command_arg *
find_option(const struct command *c, const char *name, size_t len)
{
	const struct command_arg *a;

	for (a = c->args; !is_last(a); a++) {
		if (a->name != NULL && strlen(a->name) == len &&
		    memcmp(a->name, name, len) == 0)
			return a;
	}
	return NULL;
}

static const struct command_arg *
find_operand(const struct command *c, size_t place)
{
	const struct command_arg *a;

	for (a = c->args; !is_last(a); a++) {
		if (a->type == COMMAND_OPERAND && place-- == 0)
			return a;
	}
	return NULL;
}

__attribute__((format(printf, 2, 3))) static enum command_answer
bad(struct parse *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(p->why, COMMAND_WHY_CAP, fmt, ap);
	va_end(ap);
	(void)fault_plain(p->why);
	return COMMAND_BAD;
}

static enum command_answer
put_text(struct parse *p, const struct command_arg *a, const char *value)
{
	const char **slot = (const char **)(void *)(p->out + a->offset);

	if (*slot != NULL)
		return bad(p, "%s is given twice", a->name);
	*slot = value;
	return COMMAND_GO;
}

static enum command_answer
put_texts(struct parse *p, const struct command_arg *a, const char *value)
{
	struct command_list *list = (void *)(p->out + a->offset);

	if (list->n == COMMAND_LIST_MAX)
		return bad(p, "%s is given more than %d times", a->name,
		    COMMAND_LIST_MAX);
	list->items[list->n++] = value;
	return COMMAND_GO;
}

static enum command_answer
put_number(struct parse *p, const struct command_arg *a, const char *value)
{
	uint32_t *slot = (void *)(p->out + a->offset);
	unsigned long v;
	char *end;

	if (*slot != 0)
		return bad(p, "%s is given twice", a->name);
	errno = 0;
	v = strtoul(value, &end, 10);
	if (value[0] < '0' || value[0] > '9' || *end != '\0' || errno != 0 ||
	    v < a->min || v > a->max)
		return bad(p, "%s %s: it takes a number from %u to %u", a->name,
		    value, a->min, a->max);
	*slot = (uint32_t)v;
	return COMMAND_GO;
}

static enum command_answer
put(struct parse *p, const struct command_arg *a, const char *value)
{
	if (a->type == COMMAND_FLAG) { /* the one that comes without value */
		*(bool *)(void *)(p->out + a->offset) = true;
		return COMMAND_GO;
	}
	assert(value != NULL);
	if (value[0] == '\0')
		return bad(p, "%s is empty", a->value);
	switch (a->type) {
	case COMMAND_TEXTS:
		return put_texts(p, a, value);
	case COMMAND_NUMBER:
		return put_number(p, a, value);
	case COMMAND_FLAG:
	case COMMAND_TEXT:
	case COMMAND_OPERAND:
		break;
	}
	return put_text(p, a, value);
}

static enum command_answer
take_option(struct parse *p, const char *word)
{
	const char *equals = strchr(word, '=');
	size_t len = equals ? (size_t)(equals - word) : strlen(word);
	const struct command_arg *a = find_option(p->command, word, len);
	const char *value = equals ? equals + 1 : NULL;

	if (a == NULL)
		return bad(p, "there is no option %.*s", (int)len, word);
	if (a->type == COMMAND_FLAG && value != NULL)
		return bad(p, "%s takes no value", a->name);
	if (a->type != COMMAND_FLAG && value == NULL) {
		if (p->next == p->n)
			return bad(p, "%s: %s is missing", a->name, a->value);
		value = p->argv[p->next++];
	}
	return put(p, a, value);
}

static enum command_answer
take_operand(struct parse *p, const char *word)
{
	const struct command_arg *a = find_operand(p->command, p->n_operands);

	if (a == NULL)
		return bad(p, "%s is one operand too many", word);
	p->n_operands++;
	return put(p, a, word);
}

static bool
is_required(const struct command_arg *a)
{
	return a->type == COMMAND_TEXT && a->min == 1;
}

static enum command_answer
check_missing(struct parse *p)
{
	const struct command_arg *a = find_operand(p->command, p->n_operands);

	if (a != NULL)
		return bad(p, "%s is missing", a->value);
	for (a = p->command->args; !is_last(a); a++) {
		if (is_required(a) &&
		    *(const char **)(void *)(p->out + a->offset) == NULL)
			return bad(p, "%s %s is missing", a->name, a->value);
	}
	return COMMAND_GO;
}

bool
command_is_help(const char *word)
{
	return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

enum command_answer
command_parse(
    const struct command *c, size_t n, char *const *argv, void *out, char *why)
{
	struct parse p = {c, argv, n, 0, 0, out, why};
	enum command_answer answer = COMMAND_GO;
	bool options = true;

	while (answer == COMMAND_GO && p.next < n) {
		const char *word = argv[p.next++];

		if (options && command_is_help(word))
			return COMMAND_HELP;
		if (options && strcmp(word, "--") == 0)
			options = false;
		else if (options && word[0] == '-' && word[1] != '\0')
			answer = take_option(&p, word);
		else
			answer = take_operand(&p, word);
	}
	return answer == COMMAND_GO ? check_missing(&p) : answer;
}

static void
write_usage_of(const struct command_arg *a, FILE *f)
{
	const char *more = a->type == COMMAND_TEXTS ? "..." : "";

	if (a->type == COMMAND_OPERAND)
		(void)fprintf(f, " %s", a->value);
	else if (a->type == COMMAND_FLAG)
		(void)fprintf(f, " [%s]", a->name);
	else if (is_required(a))
		(void)fprintf(f, " %s %s", a->name, a->value);
	else
		(void)fprintf(f, " [%s %s]%s", a->name, a->value, more);
}

void
command_usage(const struct command *c, FILE *f)
{
	const struct command_arg *a;

	(void)fprintf(f, "carrick %s", c->name);
	for (a = c->args; !is_last(a); a++)
		write_usage_of(a, f);
	(void)fputc('\n', f);
}

static void
write_help_of(const struct command_arg *a, FILE *f)
{
	char left[64];

	(void)snprintf(left, sizeof left, "%s%s%s", a->name ? a->name : "",
	    a->name && a->value ? " " : "", a->value ? a->value : "");
	(void)fprintf(f, "  %-24s %s\n", left, a->help);
}

void
command_help(const struct command *c, FILE *f)
{
	const struct command_arg *a;

	(void)fprintf(f, "usage: ");
	command_usage(c, f);
	(void)fprintf(f, "\n%s\n\n", c->summary);
	for (a = c->args; !is_last(a); a++)
		write_help_of(a, f);
	(void)fprintf(f, "\n%s", c->help);
}
