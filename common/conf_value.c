#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf_private.h"

#define SHOWN_MAX 64 /* bytes of a bad value in the message about it */

static void *
value_of(const struct conf_key *k, void *out)
{
	return (char *)out + k->offset;
}

/* "ms" of "hold_timeout_ms"; "" of a plain count. */
static const char *
unit_of(const char *name)
{
	static const struct {
		const char *end;
		const char *unit;
	} UNITS[] = {
	    {"_bytes_per_s", " bytes a second"},
	    {"_per_s", " a second"},
	    {"_bytes", " bytes"},
	    {"_ms", " ms"},
	    {"_s", " s"},
	};
	size_t len = strlen(name);

	for (size_t i = 0; i < sizeof UNITS / sizeof *UNITS; i++) {
		size_t end = strlen(UNITS[i].end);

		if (len > end && strcmp(name + len - end, UNITS[i].end) == 0)
			return UNITS[i].unit;
	}
	return "";
}

const char *
conf_range(const struct conf_key *k, char *buf, size_t cap)
{
	const char *of = "";

	switch (k->type) {
	case CONF_BOOL:
		(void)snprintf(buf, cap, "true or false");
		return buf;
	case CONF_U32:
	case CONF_U64:
		of = unit_of(k->name);
		break;
	case CONF_STRING:
		of = " bytes long";
		break;
	case CONF_STRINGS:
	case CONF_SECTIONS:
		of = " entries";
		break;
	}
	(void)snprintf(
	    buf, cap, "%" PRIu64 "..%" PRIu64 "%s", k->min, k->max, of);
	return buf;
}

static bool
in_range(const struct conf_key *k, uint64_t v)
{
	return v >= k->min && v <= k->max;
}

static int
fail_value(const struct conf_source *s, const yaml_node_t *node,
    const struct conf_key *k, const char *allowed)
{
	const char *text = conf_node_text(node);

	if (text == NULL)
		return conf_fail(s, node, k->name,
		    "one plain value is wanted here: %s", allowed);
	return conf_fail(s, node, k->name, "value '%.*s%s': %s", SHOWN_MAX,
	    text, strlen(text) > SHOWN_MAX ? "..." : "", allowed);
}

/* Quoted text is a string, whatever it looks like. */
static const char *
plain_text(const yaml_node_t *node)
{
	const char *text = conf_node_text(node);

	return text != NULL &&
		       node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE
		   ? text
		   : NULL;
}

static int
read_bool(const struct conf_source *s, const yaml_node_t *node,
    const struct conf_key *k, bool *v)
{
	const char *text = plain_text(node);

	if (text == NULL ||
	    (strcmp(text, "true") != 0 && strcmp(text, "false") != 0))
		return fail_value(s, node, k, "true or false, without quotes");
	*v = text[0] == 't';
	return 0;
}

static int
parse_decimal(const char *text, uint64_t *v)
{
	uint64_t sum = 0;

	if (text == NULL || text[0] == '\0' || (text[0] == '0' && text[1]))
		return -1;
	for (; *text != '\0'; text++) {
		if (*text < '0' || *text > '9' ||
		    __builtin_mul_overflow(sum, 10, &sum) ||
		    __builtin_add_overflow(sum, *text - '0', &sum))
			return -1;
	}
	*v = sum;
	return 0;
}

static int
read_number(const struct conf_source *s, const yaml_node_t *node,
    const struct conf_key *k, uint64_t *v)
{
	char range[96], allowed[160];
	uint64_t n;

	if (parse_decimal(plain_text(node), &n) == 0 && in_range(k, n)) {
		*v = n;
		return 0;
	}
	(void)snprintf(allowed, sizeof allowed, "a whole decimal number, %s",
	    conf_range(k, range, sizeof range));
	return fail_value(s, node, k, allowed);
}

static bool
has_control_bytes(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

/* A string of a key, or of a list's entry: the range is for the key's alone.
 * Returns owned text; NULL, then why is written. */
static char *
read_text(const struct conf_source *s, const yaml_node_t *node,
    const struct conf_key *k, bool ranged)
{
	const char *text = conf_node_text(node), *allowed = NULL;
	char range[96], *copy;

	if (text == NULL || has_control_bytes(text))
		allowed = "text on one line";
	else if (ranged && !in_range(k, strlen(text)))
		allowed = conf_range(k, range, sizeof range);
	else if (k->check != NULL)
		allowed = k->check(text);
	if (allowed != NULL) {
		(void)fail_value(s, node, k, allowed);
		return NULL;
	}
	copy = strdup(text);
	if (copy == NULL)
		(void)conf_fail(s, node, k->name, "no memory is left");
	return copy;
}

static void *
read_section(const struct conf_source *s, const yaml_node_t *node,
    const struct conf_key *k)
{
	void *section = calloc(1, k->sub_size);

	if (section == NULL) {
		(void)conf_fail(s, node, k->name, "no memory is left");
		return NULL;
	}
	conf_defaults(k->sub, section);
	if (conf_read_mapping(s, node, k->sub, section) == 0)
		return section;
	conf_free(k->sub, section);
	free(section);
	return NULL;
}

static void
free_list(const struct conf_key *k, struct conf_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		if (k->type == CONF_SECTIONS)
			conf_free(k->sub, list->items[i]);
		free(list->items[i]);
	}
	free(list->items);
	*list = (struct conf_list){0};
}

static int
check_list(const struct conf_source *s, const yaml_node_t *node,
    const struct conf_key *k)
{
	const char *text = conf_node_text(node);
	char range[96];
	size_t n;

	if (node->type != YAML_SEQUENCE_NODE && text != NULL)
		return conf_fail(s, node, k->name,
		    "value '%.*s': a list is wanted: write [%.*s]", SHOWN_MAX,
		    text, SHOWN_MAX, text);
	if (node->type != YAML_SEQUENCE_NODE)
		return conf_fail(s, node, k->name,
		    "a list is wanted: put \"- \" before each entry");
	n = (size_t)(node->data.sequence.items.top -
		     node->data.sequence.items.start);
	if (!in_range(k, n))
		return conf_fail(s, node, k->name,
		    "%zu entries: what is allowed is %s", n,
		    conf_range(k, range, sizeof range));
	return 0;
}

static int
read_list(const struct conf_source *s, const yaml_node_t *node,
    const struct conf_key *k, struct conf_list *list)
{
	const yaml_node_item_t *item;
	struct conf_list out = {0};

	if (check_list(s, node, k) == -1)
		return -1;
	item = node->data.sequence.items.start;
	out.items = calloc((size_t)k->max + 1, sizeof *out.items);
	if (out.items == NULL)
		return conf_fail(s, node, k->name, "no memory is left");
	for (; item != node->data.sequence.items.top; item++) {
		const yaml_node_t *n =
		    yaml_document_get_node(s->document, *item);
		void *made = k->type == CONF_SECTIONS
				 ? read_section(s, n, k)
				 : read_text(s, n, k, false);

		if (made == NULL) {
			free_list(k, &out);
			return -1;
		}
		out.items[out.n++] = made;
	}
	free_list(k, list);
	*list = out;
	return 0;
}

static int
read_string(const struct conf_source *s, const yaml_node_t *node,
    const struct conf_key *k, char **v)
{
	char *text = read_text(s, node, k, true);

	if (text == NULL)
		return -1;
	free(*v);
	*v = text;
	return 0;
}

int
conf_read_value(const struct conf_source *s, const yaml_node_t *node,
    const struct conf_key *k, void *out)
{
	void *v = value_of(k, out);
	uint64_t n = 0;

	switch (k->type) {
	case CONF_BOOL:
		return read_bool(s, node, k, v);
	case CONF_U32:
		if (read_number(s, node, k, &n) == -1)
			return -1;
		*(uint32_t *)v = (uint32_t)n;
		return 0;
	case CONF_U64:
		return read_number(s, node, k, v);
	case CONF_STRING:
		return read_string(s, node, k, v);
	case CONF_STRINGS:
	case CONF_SECTIONS:
		return read_list(s, node, k, v);
	}
	return -1;
}

void
conf_free_value(const struct conf_key *k, void *out)
{
	void *v = value_of(k, out);

	switch (k->type) {
	case CONF_BOOL:
	case CONF_U32:
	case CONF_U64:
		break;
	case CONF_STRING:
		free(*(char **)v);
		*(char **)v = NULL;
		break;
	case CONF_STRINGS:
	case CONF_SECTIONS:
		free_list(k, v);
		break;
	}
}
