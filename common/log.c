#include "common/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <time.h>
#include <unistd.h>

#define CUT	   " (cut)\n"
#define DIGEST_CUT 10 /* characters; enough to tell digests apart by eye */

static const struct {
	const char *name;
	unsigned journal; /* sd-daemon(3) */
} LEVELS[] = {
    [LOG_LEVEL_DEBUG] = {"debug", 7},
    [LOG_LEVEL_INFO] = {"info", 6},
    [LOG_LEVEL_WARN] = {"warn", 4},
    [LOG_LEVEL_ERROR] = {"error", 3},
};

static const char *const ADDRESSES[] = {
    [LOG_ADDRESSES_FULL] = "full",
    [LOG_ADDRESSES_PREFIX] = "prefix",
    [LOG_ADDRESSES_NONE] = "none",
};

/* Written by log_setup, before there is a second thread; n_lost by all. */
static struct {
	enum log_level min;
	enum log_addresses addresses;
	bool journal;
	bool may_stall; /* stderr has a reader, who may stand still */
	int fd;		/* stderr, or the same terminal once more */
	atomic_ulong n_lost;
} sink = {.min = LOG_LEVEL_INFO, .may_stall = true, .fd = STDERR_FILENO};

/* systemd.exec(5): JOURNAL_STREAM is the device and inode of stderr, unless
 * somebody redirected it since. */
static bool
stderr_is_journal(void)
{
	const char *text = getenv("JOURNAL_STREAM");
	unsigned long long device, inode;
	struct stat st;

	return text != NULL &&
	       sscanf(text, "%llu:%llu", &device, &inode) == 2 &&
	       fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device &&
	       st.st_ino == inode;
}

static bool
stderr_is_file(void)
{
	struct stat st;

	return fstat(STDERR_FILENO, &st) == 0 && S_ISREG(st.st_mode);
}

/* A terminal says that it has room and then has too little. One that is opened
 * anew can be told never to wait, and the shell's own stays as it is. */
static int
open_sink(void)
{
	int fd = -1;

	if (isatty(STDERR_FILENO))
		fd = open("/proc/self/fd/2",
		    O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return fd == -1 ? STDERR_FILENO : fd;
}

void
log_setup(enum log_level min, enum log_addresses addresses)
{
	sink.min = min;
	sink.addresses = addresses;
	sink.journal = stderr_is_journal();
	sink.may_stall = !stderr_is_file();
	if (sink.fd != STDERR_FILENO)
		(void)close(sink.fd);
	sink.fd = open_sink();
}

int
log_level_parse(enum log_level *level, const char *text)
{
	for (unsigned i = LOG_LEVEL_DEBUG; i <= LOG_LEVEL_ERROR; i++) {
		if (strcmp(LEVELS[i].name, text) == 0) {
			*level = (enum log_level)i;
			return 0;
		}
	}
	return -1;
}

int
log_addresses_parse(enum log_addresses *addresses, const char *text)
{
	for (unsigned i = LOG_ADDRESSES_FULL; i <= LOG_ADDRESSES_NONE; i++) {
		if (strcmp(ADDRESSES[i], text) == 0) {
			*addresses = (enum log_addresses)i;
			return 0;
		}
	}
	return -1;
}

/* What stands before the key=value part. Returns its length. */
static size_t
write_head(char *buf, size_t cap, enum log_level level, const char *event)
{
	struct timespec now = {0};
	struct tm tm;
	size_t len;

	if (sink.journal)
		return (size_t)snprintf(
		    buf, cap, "<%u>%s ", LEVELS[level].journal, event);
	(void)clock_gettime(CLOCK_REALTIME, &now); /* can't fail */
	(void)gmtime_r(&now.tv_sec, &tm);
	len = strftime(buf, cap, "%Y-%m-%dT%H:%M:%S", &tm);
	len += (size_t)snprintf(buf + len, cap - len, ".%03uZ %s %s ",
	    (unsigned)(now.tv_nsec / 1000000), LEVELS[level].name, event);
	return len;
}

/* Whether a record can be written without waiting for a reader. A pipe says
 * so when it takes 4096 bytes. */
static bool
has_room(void)
{
	struct pollfd p = {.fd = sink.fd, .events = POLLOUT};

	return !sink.may_stall || poll(&p, 1, 0) != 0;
}

/* One write(2), so that records of threads and processes don't mix. What a
 * terminal did not take, or not all of, is lost; when it fails otherwise nobody
 * can be told. */
static void
write_whole(const char *buf, size_t len)
{
	ssize_t n;

	while ((n = write(sink.fd, buf, len)) == -1 && errno == EINTR)
		continue;
	if (n == -1 ? errno == EAGAIN : (size_t)n < len)
		atomic_fetch_add(&sink.n_lost, 1);
}

static void
tell_lost(void)
{
	unsigned long n = atomic_exchange(&sink.n_lost, 0);
	char buf[128];
	size_t len;

	if (n == 0)
		return;
	len = write_head(buf, sizeof buf, LOG_LEVEL_WARN, "log-lost");
	len += (size_t)snprintf(buf + len, sizeof buf - len,
	    "records=%lu why=\"nobody read stderr\"\n", n);
	write_whole(buf, len);
}

/* A terminal that was stopped, or a collector that hangs, costs records, and
 * never the time of those who are served. */
static void
write_record(const char *buf, size_t len)
{
	int saved = errno;

	if (atomic_load(&sink.n_lost) > 0 && has_room())
		tell_lost();
	if (has_room())
		write_whole(buf, len);
	else
		atomic_fetch_add(&sink.n_lost, 1);
	errno = saved;
}

__attribute__((format(printf, 3, 0))) static void
record(enum log_level level, const char *event, const char *fmt, va_list args)
{
	char buf[LOG_RECORD_MAX];
	size_t len;
	int n;

	if (level < sink.min)
		return;
	len = write_head(buf, sizeof buf, level, event);
	if (len > sizeof buf / 2)
		len = sizeof buf / 2; /* an event word of 1000 bytes: a bug */
	n = vsnprintf(buf + len, sizeof buf - len, fmt, args);
	len += n > 0 ? (size_t)n : 0;
	if (len < sizeof buf) {
		buf[len++] = '\n';
	} else {
		len = sizeof buf;
		/* records are written by length, without a NUL */
		/* NOLINTNEXTLINE(bugprone-not-null-terminated-result) */
		memcpy(buf + len - strlen(CUT), CUT, strlen(CUT));
	}
	write_record(buf, len);
}

void
log_debug(const char *event, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	record(LOG_LEVEL_DEBUG, event, fmt, args);
	va_end(args);
}

void
log_info(const char *event, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	record(LOG_LEVEL_INFO, event, fmt, args);
	va_end(args);
}

void
log_warn(const char *event, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	record(LOG_LEVEL_WARN, event, fmt, args);
	va_end(args);
}

void
log_error(const char *event, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	record(LOG_LEVEL_ERROR, event, fmt, args);
	va_end(args);
}

/* One byte as it stands in a quoted text. Returns the characters. */
static size_t
escape(char out[5], uint8_t byte)
{
	if (byte == '"' || byte == '\\')
		return (size_t)snprintf(out, 5, "\\%c", byte);
	if (byte >= 0x20 && byte < 0x7f)
		return (size_t)snprintf(out, 5, "%c", byte);
	return (size_t)snprintf(out, 5, "\\x%02x", byte);
}

struct log_text
log_text(const void *bytes, size_t len)
{
	static const char TAIL[] = "...\"";
	const uint8_t *p = bytes;
	struct log_text t;
	size_t out = 0;
	char one[5];

	t.s[out++] = '"';
	for (size_t i = 0; i < len; i++) {
		size_t n = escape(one, p[i]);

		if (out + n + sizeof TAIL > sizeof t.s) {
			memcpy(t.s + out, TAIL, sizeof TAIL);
			return t;
		}
		memcpy(t.s + out, one, n);
		out += n;
	}
	t.s[out++] = '"';
	t.s[out] = '\0';
	return t;
}

struct log_text
log_str(const char *s)
{
	return log_text(s, strlen(s));
}

static struct log_text
prefix_of(const struct addr *a)
{
	struct addr net = *a;
	char ip[ADDR_TEXT_CAP];
	struct log_text t;

	if (addr_is_v4(a))
		net.ip[15] = 0;
	else
		memset(net.ip + 6, 0, 10);
	(void)snprintf(t.s, sizeof t.s, "%s/%s", addr_format_ip(&net, ip),
	    addr_is_v4(a) ? "24" : "48");
	return t;
}

struct log_text
log_addr(const struct addr *a)
{
	struct log_text t = {"-"};

	switch (sink.addresses) {
	case LOG_ADDRESSES_FULL:
		(void)addr_format(a, t.s);
		break;
	case LOG_ADDRESSES_PREFIX:
		t = prefix_of(a);
		break;
	case LOG_ADDRESSES_NONE:
		break;
	}
	return t;
}

struct log_text
log_digest(const uint8_t digest[DIGEST_LEN])
{
	struct log_text t;

	(void)digest_format(digest, t.s);
	t.s[DIGEST_CUT] = '\0';
	return t;
}
