#include "client/fault.h"

#include <stdarg.h>
#include <stdio.h>

int
fault_set(struct fault *f, enum exitcode code, const char *fmt, ...)
{
	va_list ap;

	f->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	return -1;
}

int
fault_report(const struct fault *f, const char *command)
{
	(void)fprintf(stderr, "carrick %s: %s\n", command, f->text);
	return (int)f->code;
}
