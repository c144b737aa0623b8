#include "client/status_table.h"

#include <stdbool.h>
#include <string.h>

#define CELL_CAP   64
#define DIGEST_CUT 10 /* characters, as in logs */
#define DIGEST_MAX 43 /* characters; a longer name is shown whole, as there */

/* Field of an object, and the heading of its column. */
struct column {
	const char *field;
	const char *heading;
	int width; /* negative: to the left */
};

static void
put_number(char *cell, const char *field, json_int_t v)
{
	size_t len = strlen(field);

	if (len > 2 && strcmp(field + len - 2, "_s") == 0 && v >= 3600)
		(void)snprintf(
		    cell, CELL_CAP, "%lldh%02lldm", v / 3600, v / 60 % 60);
	else if (len > 2 && strcmp(field + len - 2, "_s") == 0)
		(void)snprintf(cell, CELL_CAP, "%lldm%02llds", v / 60, v % 60);
	else
		(void)snprintf(cell, CELL_CAP, "%lld", v);
}

/* Control characters of a hostile name must not reach a terminal. */
static void
put_text(char *cell, const char *field, const char *text)
{
	bool is_cut =
	    strcmp(field, "digest") == 0 && strlen(text) <= DIGEST_MAX;

	(void)snprintf(
	    cell, CELL_CAP, "%.*s", is_cut ? DIGEST_CUT : CELL_CAP - 1, text);
	for (; *cell != '\0'; cell++) {
		if ((unsigned char)*cell < ' ' || *cell == 0x7f)
			*cell = '?';
	}
}

static const char *
cell_of(char *cell, const json_t *object, const char *field)
{
	const json_t *v = json_object_get(object, field);

	(void)snprintf(cell, CELL_CAP, "-");
	if (json_is_string(v))
		put_text(cell, field, json_string_value(v));
	else if (json_is_integer(v))
		put_number(cell, field, json_integer_value(v));
	else if (json_is_boolean(v))
		(void)snprintf(
		    cell, CELL_CAP, "%s", json_is_true(v) ? "yes" : "no");
	return cell;
}

static void
put_table(const json_t *root, const char *name, const struct column *columns,
    size_t n, FILE *f)
{
	const json_t *rows = json_object_get(root, name), *row;
	char cell[CELL_CAP];
	size_t i;

	(void)fprintf(f, "\n%s: %zu\n", name, json_array_size(rows));
	if (json_array_size(rows) == 0)
		return;
	for (size_t c = 0; c < n; c++)
		(void)fprintf(f, "  %*s", columns[c].width, columns[c].heading);
	(void)fputc('\n', f);
	json_array_foreach(rows, i, row)
	{
		for (size_t c = 0; c < n; c++)
			(void)fprintf(f, "  %*s", columns[c].width,
			    cell_of(cell, row, columns[c].field));
		(void)fputc('\n', f);
	}
}

/* Its digest is whole: it is a part of addresses. */
static void
put_identity(const json_t *id, FILE *f)
{
	const json_t *digest = json_object_get(id, "digest");
	char cell[CELL_CAP];

	(void)fprintf(f, "identity %s",
	    json_is_string(digest) ? json_string_value(digest) : "-");
	if (json_object_get(id, "dialect") != NULL)
		(void)fprintf(f, ", %s", cell_of(cell, id, "dialect"));
	if (json_is_true(json_object_get(id, "retiring")))
		(void)fputs(", retiring", f);
	(void)fputc('\n', f);
}

static void
put_identities(const json_t *root, FILE *f)
{
	const json_t *ids = json_object_get(root, "identities"), *id, *url;
	size_t i, k;

	json_array_foreach(ids, i, id)
	{
		put_identity(id, f);
		json_array_foreach(json_object_get(id, "urls"), k, url)
		{
			if (json_is_string(url))
				(void)fprintf(
				    f, "  %s\n", json_string_value(url));
		}
	}
}

/* Those that have counted something: "name" or "name{row}". */
static void
put_counter(const char *name, const char *row, const json_t *v, FILE *f)
{
	char label[CELL_CAP];

	if (!json_is_integer(v) || json_integer_value(v) == 0)
		return;
	(void)snprintf(label, sizeof label, "%s%s%s%s", name,
	    row != NULL ? "{" : "", row != NULL ? row : "",
	    row != NULL ? "}" : "");
	(void)fprintf(f, "  %-48s %lld\n", label, json_integer_value(v));
}

static void
put_counters(const json_t *root, FILE *f)
{
	json_t *counters = json_object_get(root, "counters"), *v, *cell;
	const char *name, *row;

	if (json_object_size(counters) == 0)
		return;
	(void)fprintf(f, "\ncounters\n");
	json_object_foreach(counters, name, v)
	{
		put_counter(name, NULL, v, f);
		json_object_foreach(v, row, cell)
		    put_counter(name, row, cell, f);
	}
}

int
status_table(const json_t *root, FILE *f)
{
	static const struct column nodes[] = {
	    {"name", "NAME", -24},
	    {"state", "STATE", -8},
	    {"drain_left_s", "LEFT", 8},
	    {"pairs", "PAIRS", 8},
	    {"unknown", "UNKNOWN", 8},
	    {"pending", "PENDING", 8},
	};
	static const struct column clients[] = {
	    {"digest", "DIGEST", -10},
	    {"registered", "HERE", -4},
	    {"since_s", "SINCE", 10},
	    {"pairs", "PAIRS", 8},
	    {"waiting", "WAITING", 8},
	    {"pending", "PENDING", 8},
	    {"bytes", "BYTES", 16},
	    {"source", "SOURCE", -24},
	};
	const json_t *schema = json_object_get(root, "schema");
	char cell[CELL_CAP];

	if (!json_is_integer(schema) ||
	    json_integer_value(schema) != STATUS_SCHEMA)
		return -1;
	(void)fprintf(
	    f, "carrick-control %s, ", cell_of(cell, root, "version"));
	(void)fprintf(f, "up %s\n", cell_of(cell, root, "uptime_s"));
	put_identities(root, f);
	put_table(root, "nodes", nodes, sizeof nodes / sizeof *nodes, f);
	put_table(
	    root, "clients", clients, sizeof clients / sizeof *clients, f);
	put_counters(root, f);
	return 0;
}
