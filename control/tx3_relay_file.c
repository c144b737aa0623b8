#include "control/tx3_relay_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

#include "common/fd.h"
#include "common/secret.h"
#include "control/der_identity.h"
#include "proto/tx3.h"

enum { FILE_MAX = 1 << 20, SHOWN_MAX = 64 };

/* What is being read. */
struct source {
	const char *path;
	yaml_document_t *document;
	struct tx3_relay_file *file;
	yaml_node_t *cert; /* of the document; NULL: not there */
	yaml_node_t *key;
	FILE *notes;
	char *why;
};

typedef int
key_fn(struct source *s, const char *name, yaml_node_t *node, size_t offset);

static size_t
line_of(const yaml_node_t *node)
{
	return node->start_mark.line + 1;
}

__attribute__((format(printf, 4, 5))) static int
fail(const struct source *s, const yaml_node_t *at, const char *key,
    const char *fmt, ...)
{
	char where[24] = "", what[TX3_RELAY_WHY_CAP / 2];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(what, sizeof what, fmt, args);
	va_end(args);
	if (at != NULL)
		(void)snprintf(where, sizeof where, ":%zu", line_of(at));
	(void)snprintf(s->why, TX3_RELAY_WHY_CAP, "%.200s%s: %s%s%s", s->path,
	    where, key, key[0] != '\0' ? ": " : "", what);
	for (char *p = s->why; *p != '\0'; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
	return -1;
}

/* A scalar's text; NULL for anything else, and with a NUL inside. */
static const char *
text_of(const yaml_node_t *node)
{
	const char *text;

	if (node->type != YAML_SCALAR_NODE)
		return NULL;
	text = (const char *)node->data.scalar.value;
	return strlen(text) == node->data.scalar.length ? text : NULL;
}

static int
read_number(
    struct source *s, const char *name, yaml_node_t *node, size_t offset)
{
	struct tx3_relay_number *n = (void *)((char *)s->file + offset);
	const char *text = text_of(node);
	size_t digits = text == NULL ? 0 : strspn(text, "0123456789");
	unsigned long long value = 0;

	if (digits > 0 && digits <= 10 && text[digits] == '\0')
		value = strtoull(text, NULL, 10);
	else
		digits = 0;
	if (digits == 0 || value > UINT32_MAX)
		return fail(s, node, name,
		    "value '%.*s': a whole number is wanted, 0..4294967295",
		    SHOWN_MAX, text == NULL ? "" : text);
	n->value = (uint32_t)value;
	n->line = line_of(node);
	return 0;
}

/* "HOST:PORT" with any port; a name's is looked at for its form alone. */
static int
parse_place(struct tx3_relay_bind *b, const char *place)
{
	char text[ADDR_TEXT_CAP];

	b->is_literal = addr_parse(&b->addr, place) == 0;
	if (!b->is_literal)
		return addr_split_host(place, strlen(place), b->host, &b->port);
	b->port = b->addr.port;
	(void)snprintf(
	    b->host, sizeof b->host, "%s", addr_format_ip(&b->addr, text));
	return 0;
}

static int
read_bind(struct source *s, const char *name, const yaml_node_t *node)
{
	static const char SCHEME[] = "tx3-rst://";
	struct tx3_relay_bind *b = &s->file->binds[s->file->n_binds];
	const char *text = text_of(node);
	char place[ADDR_JOINED_CAP] = "";

	if (text != NULL && strncmp(text, SCHEME, sizeof SCHEME - 1) == 0)
		(void)snprintf(place, sizeof place, "%.*s",
		    (int)strcspn(text + sizeof SCHEME - 1, "/"),
		    text + sizeof SCHEME - 1);
	if (parse_place(b, place) != 0)
		return fail(s, node, name,
		    "value '%.*s': tx3-rst://HOST:PORT is wanted", SHOWN_MAX,
		    text == NULL ? "" : text);
	b->line = line_of(node);
	s->file->n_binds++;
	return 0;
}

static int
read_binds(struct source *s, const char *name, yaml_node_t *node, size_t offset)
{
	const yaml_node_item_t *i;

	(void)offset;
	if (node->type != YAML_SEQUENCE_NODE)
		return fail(s, node, name, "a list is wanted");
	for (i = node->data.sequence.items.start;
	     i != node->data.sequence.items.top; i++) {
		const yaml_node_t *entry =
		    yaml_document_get_node(s->document, *i);

		if (s->file->n_binds == TX3_RELAY_BINDS_MAX)
			return fail(s, entry, name,
			    "more than %d entries: a splice node listens at "
			    "no more",
			    TX3_RELAY_BINDS_MAX);
		if (read_bind(s, name, entry) != 0)
			return -1;
	}
	return 0;
}

static int
read_secret(
    struct source *s, const char *name, yaml_node_t *node, size_t offset)
{
	yaml_node_t **place = (void *)((char *)s + offset);

	if (text_of(node) == NULL)
		return fail(s, node, name, "base64 text is wanted");
	*place = node;
	return 0;
}

#define IN_FILE(member)	  offsetof(struct tx3_relay_file, member)
#define IN_SOURCE(member) offsetof(struct source, member)

static const char CERT[] = "tlsCertDer", KEY[] = "tlsCertPkDer";

static const struct {
	const char *name;
	key_fn *read;
	size_t offset;
} KEYS[] = {
    {"bind", read_binds, 0},
    {"maxInboundConnections", read_number, IN_FILE(max_inbound_connections)},
    {"maxControlStreams", read_number, IN_FILE(max_control_streams)},
    {"maxControlStreamsPerIp", read_number,
	IN_FILE(max_control_streams_per_ip)},
    {"maxRelaysPerControl", read_number, IN_FILE(max_relays_per_control)},
    {"connectionTimeoutMs", read_number, IN_FILE(connection_timeout_ms)},
    {CERT, read_secret, IN_SOURCE(cert)},
    {KEY, read_secret, IN_SOURCE(key)},
};
enum { N_KEYS = sizeof KEYS / sizeof KEYS[0] };

static size_t
find_key(const char *name)
{
	size_t i = 0;

	while (i < N_KEYS && strcmp(KEYS[i].name, name) != 0)
		i++;
	return i;
}

static int
read_pairs(struct source *s, const yaml_node_t *map)
{
	size_t first_line[N_KEYS] = {0};
	const yaml_node_pair_t *p;

	for (p = map->data.mapping.pairs.start;
	     p != map->data.mapping.pairs.top; p++) {
		yaml_node_t *at = yaml_document_get_node(s->document, p->key);
		const char *name = text_of(at);
		size_t k = name == NULL ? N_KEYS : find_key(name);

		if (k == N_KEYS) {
			(void)fprintf(s->notes,
			    "%s:%zu: '%.*s': tx3-relay has no such key, and "
			    "neither has Carrick: it was left out\n",
			    s->path, line_of(at), SHOWN_MAX,
			    name == NULL ? "" : name);
			continue;
		}
		if (first_line[k] != 0)
			return fail(s, at, name,
			    "given twice, before in line %zu: remove one",
			    first_line[k]);
		first_line[k] = line_of(at);
		if (KEYS[k].read(s, name,
			yaml_document_get_node(s->document, p->value),
			KEYS[k].offset) != 0)
			return -1;
	}
	return 0;
}

static int
read_identity(struct source *s)
{
	const char *missing = s->cert == NULL  ? CERT
			      : s->key == NULL ? KEY
					       : NULL;
	const char *why;

	if (missing != NULL)
		return fail(s, NULL, missing,
		    "it is missing: this is no file of tx3-relay --init");
	s->file->identity =
	    der_identity_new(text_of(s->cert), text_of(s->key), &why);
	if (s->file->identity != NULL)
		return 0;
	return fail(s, s->cert, CERT, "with %s: %s", KEY, why);
}

static int
read_document(struct source *s)
{
	const yaml_node_t *root = yaml_document_get_root_node(s->document);

	if (root == NULL || root->type != YAML_MAPPING_NODE)
		return fail(s, root, "",
		    "keys and values are wanted, as tx3-relay --init writes "
		    "them");
	return read_pairs(s, root) == 0 ? read_identity(s) : -1;
}

static void
wipe_node(yaml_node_t *node)
{
	if (node != NULL)
		secret_wipe(node->data.scalar.value, node->data.scalar.length);
}

static int
parse(struct source *s, const char *text, size_t len)
{
	yaml_parser_t parser;
	yaml_document_t document;
	int rc;

	if (!yaml_parser_initialize(&parser))
		return fail(s, NULL, "", "no memory is left");
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, len);
	if (!yaml_parser_load(&parser, &document)) {
		yaml_node_t at = {.start_mark = parser.problem_mark};

		rc = fail(s, &at, "", "not YAML: %s",
		    parser.problem != NULL ? parser.problem : "no memory");
	} else {
		s->document = &document;
		rc = read_document(s);
		wipe_node(s->key);
		yaml_document_delete(&document);
		s->document = NULL;
	}
	yaml_parser_delete(&parser);
	return rc;
}

static void
set_defaults(struct tx3_relay_file *file)
{
	memset(file, 0, sizeof *file);
	file->max_inbound_connections.value = TX3_MAX_INBOUND_CONNECTIONS;
	file->max_control_streams.value = TX3_MAX_CONTROL_STREAMS;
	file->max_control_streams_per_ip.value = TX3_MAX_CONTROL_STREAMS_PER_IP;
	file->max_relays_per_control.value = TX3_MAX_RELAYS_PER_CONTROL;
	file->connection_timeout_ms.value = TX3_CONNECTION_TIMEOUT_MS;
}

/* tx3-relay runs with no other mode than 0400. */
static void
note_mode(const struct source *s)
{
	struct stat st;

	if (stat(s->path, &st) == 0 && (st.st_mode & 077) != 0)
		(void)fprintf(s->notes,
		    "%s: others than its owner may read it (mode %04o), and "
		    "so may have the relay's key\n",
		    s->path, (unsigned)st.st_mode & 07777);
}

int
tx3_relay_file_load(
    struct tx3_relay_file *file, const char *path, FILE *notes, char *why)
{
	struct source s = {
	    .path = path, .file = file, .notes = notes, .why = why};
	size_t len;
	char *text;
	int rc;

	set_defaults(file);
	text = fd_read_file(path, FILE_MAX, &len);
	if (text == NULL)
		return fail(&s, NULL, "", "%s", strerror(errno));
	note_mode(&s);
	rc = parse(&s, text, len);
	secret_wipe(text, len);
	free(text);
	return rc;
}

void
tx3_relay_file_free(struct tx3_relay_file *file)
{
	identity_free(file->identity);
	file->identity = NULL;
}
