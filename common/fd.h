/*
 * fd - small duties towards descriptors. System-call answers: 0, or -1 with
 * errno kept.
 */
#ifndef COMMON_FD_H
#define COMMON_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* fd_close - close *fd unless it is -1, set it to -1; errno is kept. */
void fd_close(int *fd);

/* fd_open_standard - /dev/null at 0, 1 and 2 where nothing is open: the next
 * socket would get the number, and what is printed or logged would go there.
 * Input that was closed is at its end; writing to output that was closed
 * fails. To be called before anything is opened. */
int fd_open_standard(void);

int fd_set_nonblock(int fd);

/* fd_set_nodelay - TCP_NODELAY; no error on a socket that is not TCP. */
int fd_set_nodelay(int fd);

/* fd_set_keepalive - SO_KEEPALIVE with tcp(7)'s three values: idle_s and
 * interval_s in s, 1..32767; count 1..127. No error on a socket that is not
 * TCP. */
int fd_set_keepalive(int fd, int idle_s, int interval_s, int count);

/* fd_set_user_timeout - TCP_USER_TIMEOUT in ms: unacknowledged data older
 * than that ends the connection; beyond INT_MAX it is INT_MAX, 24 days. No
 * error on a socket that is not TCP. */
int fd_set_user_timeout(int fd, unsigned ms);

/* fd_heard_ms - *ms since anything came from the TCP at the other end, be it an
 * acknowledgement. -1 with EOPNOTSUPP for a socket that is not TCP. */
int fd_heard_ms(int fd, uint32_t *ms);

/* fd_set_rcvlowat - SO_RCVLOWAT in bytes. */
int fd_set_rcvlowat(int fd, int bytes);

/* fd_set_oobinline - SO_OOBINLINE: TCP's urgent bytes stay in the stream. */
int fd_set_oobinline(int fd);

/* fd_reset_on_close - SO_LINGER 0: closing sends an RST. */
int fd_reset_on_close(int fd);

/* fd_raise_limit - RLIMIT_NOFILE to its hard limit. *limit is what it is then.
 */
int fd_raise_limit(uint64_t *limit);

/* fd_write_file - write a whole new file, or none: exclusive creation at a
 * temporary name, fsync, link to path (EEXIST if something is there), fsync
 * of the folder. A full disk leaves nothing behind.
 * mode  such as 0600. */
int fd_write_file(const char *path, const void *p, size_t len, unsigned mode);

/* fd_read_file - the whole file into a buffer from malloc, a NUL behind it.
 * max  bytes; a longer file is EFBIG.
 * Returns the buffer (owned by the caller), *len its length; NULL. */
char *fd_read_file(const char *path, size_t max, size_t *len);

/* fd_read_all - the same of what is open already; it stays open. */
char *fd_read_all(int fd, size_t max, size_t *len);

#endif
