/*
 * import_world - a folder that an import reads from and writes to, and what it
 * says on stdout.
 */
#ifndef TESTS_UNIT_CONTROL_IMPORT_WORLD_H
#define TESTS_UNIT_CONTROL_IMPORT_WORLD_H

#include <stdbool.h>
#include <stddef.h>

#include "control/config.h"

enum { IMPORT_PATH_CAP = 96, IMPORT_N_WRITTEN = 6 };

/* The files that an import may write. */
extern const char *const IMPORT_WRITTEN[IMPORT_N_WRITTEN];

extern char import_dir[64];
extern char import_yml[IMPORT_PATH_CAP]; /* control.yml there */
extern char *import_notes;		 /* what the newest import said */

/* import_world_set_up, import_world_tear_down - a fresh folder; its end, which
 * fails the test if there are files that nobody knows. */
void import_world_set_up(void);
void import_world_tear_down(void);

/* import_path - file's there; static, until the next four. */
const char *import_path(const char *file);
bool import_has(const char *file);

/* import_put - write text to file, anew, with that mode. */
void import_put(const char *file, const char *text, size_t len, unsigned mode);

/* import_text - all of file; free() it. check_in - that text is in it. */
char *import_text(const char *file);
void check_in(const char *file, const char *text);

/* import_remove_written - as if nothing had been imported so far. */
void import_remove_written(void);

/* import_listen, import_take_notes - before and after an import: what it says
 * is then in import_notes. check_said - text is among that. */
void import_listen(void);
void import_take_notes(void);
void check_said(const char *text);

/* import_load - the control.yml that was written. */
void import_load(struct config *config);

#endif
