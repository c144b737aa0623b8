/*
 * log - one record a line on stderr: time, level, a stable event word, then
 * key=value. Under systemd (JOURNAL_STREAM) the time is left out and the
 * level becomes the journal's <N> prefix.
 *
 * The sink is the process's, like stderr itself: the one global of common/.
 * Callable from every thread; one write(2) a record. A record that nobody
 * takes at once, for a reader of stderr stands still, is lost and counted:
 * log-lost says so with the next that is written.
 */
#ifndef COMMON_LOG_H
#define COMMON_LOG_H

#include <stddef.h>
#include <stdint.h>

#include "proto/addr.h"
#include "proto/digest.h"

enum log_level {
	LOG_LEVEL_DEBUG,
	LOG_LEVEL_INFO,
	LOG_LEVEL_WARN,
	LOG_LEVEL_ERROR
};

enum log_addresses {
	LOG_ADDRESSES_FULL,   /* 192.0.2.7:1234 */
	LOG_ADDRESSES_PREFIX, /* 192.0.2.0/24, 2001:db8::/48 */
	LOG_ADDRESSES_NONE    /* - */
};

#define LOG_RECORD_MAX 2048 /* bytes; a longer record is cut, and says so */

/* log_setup - what is written from now on. Defaults: info, full. */
void log_setup(enum log_level min, enum log_addresses addresses);

/* log_level_parse, log_addresses_parse - the configuration's words.
 * Returns 0; -1 if text is none of them. */
int log_level_parse(enum log_level *level, const char *text);
int log_addresses_parse(enum log_addresses *addresses, const char *text);

/*
 * log_debug, log_info, log_warn, log_error - write one record.
 *
 * event  a stable word such as "conn-closed".
 * fmt    "key=%s key=%d"; text from outside goes through log_text first.
 */
#define LOG_PRINTF __attribute__((format(printf, 2, 3)))
void log_debug(const char *event, const char *fmt, ...) LOG_PRINTF;
void log_info(const char *event, const char *fmt, ...) LOG_PRINTF;
void log_warn(const char *event, const char *fmt, ...) LOG_PRINTF;
void log_error(const char *event, const char *fmt, ...) LOG_PRINTF;

/* Text made ready for a record; a value to be used in one expression:
 * log_info("x", "peer=%s", log_addr(&a).s). */
struct log_text {
	char s[256];
};

/* log_text - len bytes from outside, quoted, everything but printable ASCII
 * as \xNN; cut with "..." when too long. */
struct log_text log_text(const void *bytes, size_t len);

/* log_str - log_text of a C string. */
struct log_text log_str(const char *s);

/* log_addr - an address as log_addresses says. */
struct log_text log_addr(const struct addr *a);

/* log_digest - the first 10 characters of a digest's text. */
struct log_text log_digest(const uint8_t digest[DIGEST_LEN]);

#endif
