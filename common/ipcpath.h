/*
 * ipcpath - the names of sockets in the IPC folder (proto/IPC.md, 1): the one
 * place that makes them, so that both daemons agree and no path is longer
 * than a socket address takes.
 */
#ifndef COMMON_IPCPATH_H
#define COMMON_IPCPATH_H

#include <stddef.h>

#define IPCPATH_MAX	107		  /* bytes; sun_path less its NUL */
#define IPCPATH_CAP	(IPCPATH_MAX + 1) /* of a path */
#define IPCPATH_URL_CAP (6 + IPCPATH_CAP) /* of "ipc://" and a path */

/*
 * ipcpath_dir_of - the folder that an events URL lies in.
 *
 * dir      out, cap bytes: "/run/carrick" of
 *          "ipc:///run/carrick/control.events.ipc".
 * Returns  0; -1 with errno EINVAL (not ipc:// and an absolute path below a
 *          folder) or ENAMETOOLONG.
 */
int ipcpath_dir_of(char *dir, size_t cap, const char *events_url);

/*
 * ipcpath_commands - the URL that node `name` binds its commands at.
 *
 * url      out, cap bytes.
 * name     a valid node name (ipc_name_is_valid).
 * Returns  0; -1 with errno ENAMETOOLONG: the path is over IPCPATH_MAX, and
 *          nanomsg would abort on it.
 */
int ipcpath_commands(char *url, size_t cap, const char *dir, const char *name);

/* ipcpath_accept - the path of the UNIX socket at which node `name` takes
 * control's own connections. Answers as ipcpath_commands. */
int ipcpath_accept(char *path, size_t cap, const char *dir, const char *name);

#endif
