/*
 * failing - calls of a node that fail when a test wants it: link with WRAP
 * ${FAILING_WRAP} (CMakeLists.txt). The test's own calls, and the fixture's,
 * neither fail nor count.
 */
#ifndef TESTS_UNIT_DATAPLANE_FAILING_H
#define TESTS_UNIT_DATAPLANE_FAILING_H

#include <stdbool.h>

enum call {
	CALL_ACCEPT4,
	CALL_SPLICE,
	CALL_PIPE2,
	CALL_RECV,
	CALL_SEND,
	CALL_MALLOC,
	CALL_CALLOC,
	CALL_REALLOCARRAY,
	CALL_EVENT_NEW,
	CALL_EVENT_ADD
};

struct failing {
	bool armed; /* the node is running, not the test */
	enum call call;
	int error;   /* the errno it fails with */
	int at;	     /* the how manieth of them fails; 1 = the first */
	int n_calls; /* made while armed */
};

extern struct failing failing;

#endif
