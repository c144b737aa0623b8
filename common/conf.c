#include "common/conf.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "common/conf_private.h"
#include "common/fd.h"

/* Text from outside must not break the one line. */
static void
make_one_line(char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			*text = '?';
}

int
conf_fail(const struct conf_source *s, const yaml_node_t *at, const char *key,
    const char *fmt, ...)
{
	char where[24] = "", what[CONF_WHY_CAP / 2 + 64];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(what, sizeof what, fmt, args);
	va_end(args);
	if (at != NULL && s->has_lines)
		(void)snprintf(
		    where, sizeof where, ":%zu", at->start_mark.line + 1);
	(void)snprintf(s->why, CONF_WHY_CAP, "%s%s: %s%s%s", s->name, where,
	    key != NULL ? key : "", key != NULL ? ": " : "", what);
	make_one_line(s->why);
	return -1;
}

const char *
conf_node_text(const yaml_node_t *node)
{
	const char *text;

	if (node->type != YAML_SCALAR_NODE)
		return NULL;
	text = (const char *)node->data.scalar.value;
	return strlen(text) == node->data.scalar.length ? text : NULL;
}

static const struct conf_key *
find_key(const struct conf_key *keys, const char *name)
{
	for (; keys->name != NULL; keys++)
		if (strcmp(keys->name, name) == 0)
			return keys;
	return NULL;
}

/* The mapping has few pairs: a name that is no key ends the reading. */
static const yaml_node_t *
find_earlier(const struct conf_source *s, const yaml_node_t *map,
    const yaml_node_pair_t *before, const char *name)
{
	const yaml_node_pair_t *p = map->data.mapping.pairs.start;

	for (; p != before; p++) {
		const yaml_node_t *n =
		    yaml_document_get_node(s->document, p->key);

		if (strcmp(conf_node_text(n), name) == 0)
			return n;
	}
	return NULL;
}

static int
read_pair(const struct conf_source *s, const yaml_node_t *map,
    const yaml_node_pair_t *pair, const struct conf_key *keys, void *out)
{
	const yaml_node_t *name_node =
	    yaml_document_get_node(s->document, pair->key);
	const char *name = conf_node_text(name_node);
	const struct conf_key *k = name != NULL ? find_key(keys, name) : NULL;
	const yaml_node_t *earlier;

	if (name == NULL)
		return conf_fail(
		    s, name_node, NULL, "a key must be a plain word");
	if (k == NULL)
		return conf_fail(s, name_node, NULL,
		    "'%.64s': there is no such key (--example prints all)",
		    name);
	earlier = find_earlier(s, map, pair, name);
	if (earlier != NULL)
		return conf_fail(s, name_node, name,
		    "given twice, before in line %zu: remove one of them",
		    earlier->start_mark.line + 1);
	return conf_read_value(
	    s, yaml_document_get_node(s->document, pair->value), k, out);
}

int
conf_read_mapping(const struct conf_source *s, const yaml_node_t *node,
    const struct conf_key *keys, void *out)
{
	const yaml_node_pair_t *p;

	if (node->type != YAML_MAPPING_NODE)
		return conf_fail(s, node, NULL,
		    "keys and values are wanted here, as in \"key: value\"");
	for (p = node->data.mapping.pairs.start;
	     p != node->data.mapping.pairs.top; p++)
		if (read_pair(s, node, p, keys, out) == -1)
			return -1;
	return 0;
}

static int
fail_syntax(
    const struct conf_source *s, const char *key, const yaml_parser_t *p)
{
	yaml_node_t at = {.start_mark = p->problem_mark};

	if (p->problem_mark.line == 0 && p->error == YAML_READER_ERROR)
		return conf_fail(s, NULL, key, "not YAML: byte %zu: %s",
		    p->problem_offset,
		    p->problem != NULL ? p->problem : "unreadable");
	return conf_fail(s, &at, key, "not YAML: %s",
	    p->problem != NULL ? p->problem : "no memory is left");
}

/* The only document of a text goes to use(); an empty text has none. */
typedef int
use_fn(const struct conf_source *s, const yaml_node_t *root, void *arg);

static int
check_end(const struct conf_source *s, const char *key, yaml_parser_t *parser)
{
	yaml_document_t next;
	const yaml_node_t *root;
	int rc = 0;

	if (!yaml_parser_load(parser, &next))
		return fail_syntax(s, key, parser);
	root = yaml_document_get_root_node(&next);
	if (root != NULL)
		rc = conf_fail(s, root, key,
		    "a second document begins here: write one alone");
	yaml_document_delete(&next);
	return rc;
}

static int
with_document(struct conf_source *s, const char *key, const char *text,
    size_t len, use_fn *use, void *arg)
{
	yaml_parser_t parser;
	yaml_document_t document;
	const yaml_node_t *root;
	int rc;

	if (!yaml_parser_initialize(&parser))
		return conf_fail(s, NULL, NULL, "no memory is left");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (!yaml_parser_load(&parser, &document)) {
		rc = fail_syntax(s, key, &parser);
		yaml_parser_delete(&parser);
		return rc;
	}
	s->document = &document;
	root = yaml_document_get_root_node(&document);
	rc = use(s, root, arg);
	if (rc == 0 && root != NULL)
		rc = check_end(s, key, &parser);
	s->document = NULL;
	yaml_document_delete(&document);
	yaml_parser_delete(&parser);
	return rc;
}

struct target {
	const struct conf_key *keys; /* all of them, or the one to set */
	void *out;
};

/* "---" alone, say. */
static bool
is_empty(const yaml_node_t *root)
{
	const char *text = root != NULL ? conf_node_text(root) : "";

	return text != NULL && text[0] == '\0';
}

static int
use_file(const struct conf_source *s, const yaml_node_t *root, void *arg)
{
	const struct target *t = arg;

	return is_empty(root) ? 0 : conf_read_mapping(s, root, t->keys, t->out);
}

static int
use_value(const struct conf_source *s, const yaml_node_t *root, void *arg)
{
	static const yaml_node_t empty = {.type = YAML_SCALAR_NODE,
	    .data.scalar = {
		.value = (yaml_char_t *)"", .style = YAML_PLAIN_SCALAR_STYLE}};
	const struct target *t = arg;

	return conf_read_value(
	    s, root != NULL ? root : &empty, t->keys, t->out);
}

/* A default that its own row refuses is a bug in the table; no memory at the
 * start is no start. */
static void
set_default(const struct conf_key *k, void *out)
{
	char why[CONF_WHY_CAP];
	struct conf_source s = {.name = "default", .why = why};
	struct target t = {k, out};
	bool is_list = k->type == CONF_STRINGS || k->type == CONF_SECTIONS;
	const char *def = k->def != NULL ? k->def : is_list ? "[]" : "";

	if (with_document(&s, k->name, def, strlen(def), use_value, &t) == -1) {
		(void)fprintf(stderr, "%s\n", why);
		abort();
	}
}

void
conf_defaults(const struct conf_key *keys, void *out)
{
	for (; keys->name != NULL; keys++)
		set_default(keys, out);
}

void
conf_free(const struct conf_key *keys, void *out)
{
	for (; keys->name != NULL; keys++)
		conf_free_value(keys, out);
}

int
conf_load(const struct conf_key *keys, void *out, const char *path, char *why)
{
	struct conf_source s = {.name = path, .has_lines = true, .why = why};
	struct target t = {keys, out};
	size_t len;
	char *text = fd_read_file(path, CONF_FILE_MAX, &len);
	int rc;

	if (text == NULL)
		return conf_fail(&s, NULL, NULL, "%s",
		    errno == EFBIG ? "longer than 1 MiB: that is no "
				     "configuration"
				   : strerror(errno));
	conf_defaults(keys, out);
	rc = with_document(&s, NULL, text, len, use_file, &t);
	if (rc == -1)
		conf_free(keys, out);
	free(text);
	return rc;
}

int
conf_set(const struct conf_key *keys, void *out, const char *setting, char *why)
{
	struct conf_source s = {.name = "--set", .why = why};
	const char *equals = strchr(setting, '=');
	struct target t = {.out = out};
	char name[64];

	if (equals == NULL)
		return conf_fail(&s, NULL, NULL,
		    "'%.64s': write KEY=VALUE, without spaces around the =",
		    setting);
	(void)snprintf(
	    name, sizeof name, "%.*s", (int)(equals - setting), setting);
	t.keys = find_key(keys, name);
	if (t.keys == NULL)
		return conf_fail(&s, NULL, NULL,
		    "'%s': there is no such key (--example prints all)", name);
	return with_document(
	    &s, name, equals + 1, strlen(equals + 1), use_value, &t);
}
