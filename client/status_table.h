/*
 * status_table - control's /status for a person.
 */
#ifndef CLIENT_STATUS_TABLE_H
#define CLIENT_STATUS_TABLE_H

#include <jansson.h>
#include <stdio.h>

#define STATUS_SCHEMA 1

/*
 * status_table - write it to f.
 *
 * A field that is missing, or of another type, is shown as "-": another
 * version of control may say less, and may say more.
 *
 * Returns  0; -1: root is no object, or its schema is not STATUS_SCHEMA.
 */
int status_table(const json_t *root, FILE *f);

#endif
