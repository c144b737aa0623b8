/*
 * rundir - where a daemon without configuration keeps its sockets and state.
 */
#ifndef COMMON_RUNDIR_H
#define COMMON_RUNDIR_H

#include <stddef.h>

/* rundir_runtime - $RUNTIME_DIRECTORY, else $XDG_RUNTIME_DIR/carrick, else
 * /run/carrick. Returns 0; -1 with errno ENAMETOOLONG. */
int rundir_runtime(char *buf, size_t cap);

/* rundir_state - $STATE_DIRECTORY, else $XDG_STATE_HOME/carrick, else
 * /var/lib/carrick. */
int rundir_state(char *buf, size_t cap);

/* rundir_make - make the folder with mode if it is missing (its parent must
 * exist); if it is there it must be a folder. Returns 0; -1 with errno. */
int rundir_make(const char *path, unsigned mode);

#endif
