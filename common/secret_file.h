/*
 * secret_file - files that hold a key: read only if nobody but their owner
 * can.
 */
#ifndef COMMON_SECRET_FILE_H
#define COMMON_SECRET_FILE_H

#include <stddef.h>

/*
 * secret_file_read - the whole file, a NUL behind it.
 *
 * max      bytes; a longer file is refused.
 * why      out, why_cap bytes: on failure a sentence that names the file.
 * Returns  from malloc, *len its length, to be given to secret_file_free;
 *          NULL with errno: unreadable, too long, EINVAL: neither a file nor
 *          a pipe, or EACCES: others may read it.
 */
char *secret_file_read(
    const char *path, size_t max, size_t *len, char *why, size_t why_cap);

/* secret_file_free - wipe and free; NULL is fine. */
void secret_file_free(char *text, size_t len);

#endif
