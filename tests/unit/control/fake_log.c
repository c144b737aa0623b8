#include "tests/unit/control/fake_log.h"

#include <check.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"

enum { EVENTS_MAX = 64 };

static struct record {
	const char *event; /* NULL: none from here on */
	unsigned n;
	char newest[512];
} records[EVENTS_MAX + 1]; /* the last stays empty */

/* What the linker puts in the place of the real one. */
void __wrap_log_info(const char *event, const char *fmt, ...) LOG_PRINTF;
void __wrap_log_warn(const char *event, const char *fmt, ...) LOG_PRINTF;

static struct record *
record_of(const char *event)
{
	struct record *r = records;

	while (r->event != NULL && strcmp(r->event, event) != 0)
		r++;
	return r;
}

__attribute__((format(printf, 2, 0))) static void
keep(const char *event, const char *fmt, va_list ap)
{
	struct record *r = record_of(event);

	ck_assert_ptr_ne(r, records + EVENTS_MAX);
	r->event = event;
	r->n++;
	(void)vsnprintf(r->newest, sizeof r->newest, fmt, ap);
}

void
__wrap_log_info(const char *event, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keep(event, fmt, ap);
	va_end(ap);
}

void
__wrap_log_warn(const char *event, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	keep(event, fmt, ap);
	va_end(ap);
}

unsigned
fake_log_count(const char *event)
{
	return record_of(event)->n;
}

const char *
fake_log_newest(const char *event)
{
	return record_of(event)->newest;
}

void
fake_log_begin(void)
{
	memset(records, 0, sizeof records);
}
