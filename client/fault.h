/*
 * fault - why a command failed: the exit code for a script and a sentence for
 * a person.
 */
#ifndef CLIENT_FAULT_H
#define CLIENT_FAULT_H

#include "common/exitcode.h"

#define FAULT_TEXT_CAP 512

struct fault {
	enum exitcode code;
	char text[FAULT_TEXT_CAP]; /* one line, no full stop, no newline */
};

/* fault_set - code and the sentence, plain; a longer one is cut. Returns -1, so that
 * a function can end with it. */
int fault_set(struct fault *f, enum exitcode code, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* fault_plain - make what text from outside may have brought into s one line:
 * control characters become question marks. Returns s. */
const char *fault_plain(char *s);

/* fault_report - "carrick COMMAND: text" on stderr. Returns the code. */
int fault_report(const struct fault *f, const char *command);

#endif
