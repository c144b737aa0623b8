#include "client/fault.h"

#include <stdarg.h>
#include <stdio.h>

const char *
fault_plain(char *s)
{
	for (char *p = s; *p != '\0'; p++) {
		if ((unsigned char)*p < ' ' || *p == 0x7f)
			*p = '?';
	}
	return s;
}

int
fault_set(struct fault *f, enum exitcode code, const char *fmt, ...)
{
	va_list ap;

	f->code = code;
	va_start(ap, fmt);
	(void)vsnprintf(f->text, sizeof f->text, fmt, ap);
	va_end(ap);
	(void)fault_plain(f->text);
	return -1;
}

int
fault_report(const struct fault *f, const char *command)
{
	(void)fprintf(stderr, "carrick %s: %s\n", command, f->text);
	return (int)f->code;
}
