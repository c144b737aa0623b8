/*
 * conf_private - between the parts of conf: conf.c reads documents,
 * conf_value.c makes values of their nodes, conf_example.c writes examples.
 */
#ifndef COMMON_CONF_PRIVATE_H
#define COMMON_CONF_PRIVATE_H

#include <yaml.h>

#include "common/conf.h"

/* Where values come from, and where the sentence about a bad one goes. */
struct conf_source {
	const char *name; /* the file, or "--set" */
	bool has_lines;
	yaml_document_t *document;
	char *why; /* CONF_WHY_CAP bytes */
};

/* conf_fail - write the one line: source, line of at (may be NULL), key (may
 * be NULL), then fmt. Returns -1. */
int
conf_fail(const struct conf_source *s, const yaml_node_t *at, const char *key,
    const char *fmt, ...) __attribute__((format(printf, 4, 5)));

/* conf_node_text - a scalar node as a C string, borrowed; NULL for any other
 * node, and for a scalar with a NUL inside. */
const char *conf_node_text(const yaml_node_t *node);

/* conf_read_mapping - set what node names, by keys, over what is in out.
 * Returns 0; -1, then the source's why is written. */
int conf_read_mapping(const struct conf_source *s, const yaml_node_t *node,
    const struct conf_key *keys, void *out);

/* conf_read_value - replace k's value in out by what node says.
 * Returns 0; -1: why is written, the old value stays. */
int conf_read_value(const struct conf_source *s, const yaml_node_t *node,
    const struct conf_key *k, void *out);

/* conf_free_value - what k's value in out owns; it is empty then. */
void conf_free_value(const struct conf_key *k, void *out);

/* conf_range - what values k allows, as text: "100..600000 ms". buf has cap
 * bytes. Returns buf. */
const char *conf_range(const struct conf_key *k, char *buf, size_t cap);

#endif
