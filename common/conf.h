/*
 * conf - a daemon's configuration: one table of keys says what there is, and
 * from it come the reader (libyaml gives the lines), the check, the defaults
 * and the commented example.
 */
#ifndef COMMON_CONF_H
#define COMMON_CONF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum conf_type {
	CONF_BOOL,    /* bool: true, false */
	CONF_U32,     /* uint32_t in min..max */
	CONF_U64,     /* uint64_t in min..max */
	CONF_STRING,  /* char *, owned; min..max bytes long */
	CONF_STRINGS, /* struct conf_list of char *; min..max of them */
	CONF_SECTIONS /* struct conf_list of mappings, by keys of their own */
};

struct conf_list {
	size_t n;
	void **items; /* owned: char *, or what sub describes */
};

/* conf_check_fn - whether text is a good value (an address, a choice).
 * Returns NULL; else what is allowed, static text such as
 * "one of full, prefix, none". */
typedef const char *conf_check_fn(const char *text);

struct conf_key {
	const char *name; /* snake_case, its unit at the end */
	enum conf_type type;
	size_t offset; /* of the value in the daemon's struct */
	uint64_t min;
	uint64_t max;
	const char *def;      /* as it would stand in the file; NULL = empty */
	const char *help;     /* one or more lines for the example */
	conf_check_fn *check; /* of each string; may be NULL */
	const struct conf_key *sub; /* CONF_SECTIONS: ends with name NULL */
	size_t sub_size;	    /* CONF_SECTIONS: sizeof the struct */
};

/*
 * CONF_KEY - how a row begins whose key has its member's name.
 *
 * owner  the daemon's struct.
 * kind   of enum conf_type, without CONF_.
 * least  .min, and most .max: a CONF_BOOL's are 0 and 1.
 */
#define CONF_KEY(owner, kind, member, least, most)                \
	.name = #member, .type = CONF_##kind,                     \
	.offset = offsetof(struct owner, member), .min = (least), \
	.max = (most)

#define CONF_FILE_MAX (1u << 20) /* bytes; a longer file is refused */
#define CONF_WHY_CAP  512

/*
 * conf_defaults - fill out with every key's default.
 *
 * keys     ends with a row whose name is NULL; a default that its own row
 *          refuses is a bug (assert).
 * out      zeroed by the caller; owned strings and lists are made in it.
 */
void conf_defaults(const struct conf_key *keys, void *out);

/*
 * conf_load - defaults, then the file over them.
 *
 * why      out, CONF_WHY_CAP bytes: on failure one line
 *          "FILE:LINE: key: value 'x': what is allowed".
 * Returns  0; -1: unreadable, not YAML, an unknown key, a key twice, a value
 *          of the wrong type or out of range. *out is then as after
 *          conf_free.
 */
int
conf_load(const struct conf_key *keys, void *out, const char *path, char *why);

/*
 * conf_set - one "key=value" over what is there, as --set of the command line
 * gives it; value as it would stand in the file. Same checks as conf_load;
 * why then begins "--set: ". A list or section replaces the one before.
 */
int conf_set(
    const struct conf_key *keys, void *out, const char *setting, char *why);

/* conf_free - what conf_defaults or conf_load made in out; out stays. */
void conf_free(const struct conf_key *keys, void *out);

/* conf_example - the commented example file: every key with its help, unit
 * range and default. title is its first comment line. */
void conf_example(const struct conf_key *keys, const char *title, FILE *f);

#endif
