/*
 * exchange - many pairs of sockets at once, in one thread: each side sends its
 * own stream and checks the other's, and the pair ends in its own manner.
 *
 * Whatever goes wrong ends the program with a sentence that names the pair; so
 * does nothing going on for EXCHANGE_STILL_MS.
 */
#ifndef TESTS_E2E_CROWD_EXCHANGE_H
#define TESTS_E2E_CROWD_EXCHANGE_H

#include <stdbool.h>
#include <stdint.h>

#define EXCHANGE_STILL_MS 10000

enum manner {
	ORDERLY,     /* both send at once; each leaves when it has all */
	HALF_CLOSED, /* the second begins when the first has half-closed */
	RESET,	     /* the first breaks off in the middle of its stream */
	MANNERS
};

struct pair;

struct side {
	struct pair *pair;
	int fd;		 /* -1: it has left */
	uint64_t key;	 /* of the stream that it sends */
	uint64_t length; /* of that stream */
	uint64_t sent, received;
	bool may_send;
	bool half_closed;
	uint32_t watched; /* EPOLLIN, EPOLLOUT */
};

struct pair {
	uint32_t number;
	enum manner manner;
	uint64_t break_at;   /* RESET: after so many bytes of the first side */
	struct side side[2]; /* [0] is the first */
};

struct exchange_result {
	uint64_t checked; /* bytes that arrived, and were right */
	uint64_t ended[MANNERS];
};

/* exchange_run - until all sides have left. Every fd is connected to its
 * pair's other one; taken. */
struct exchange_result exchange_run(struct pair *pairs, uint32_t n);

#endif
