/*
 * pump_world - one worker without its thread and one pair: the test turns the
 * worker's loop and moves its clock.
 *
 * Link with WRAP ${PUMP_WRAP} (CMakeLists.txt).
 */
#ifndef TESTS_UNIT_DATAPLANE_PUMP_WORLD_H
#define TESTS_UNIT_DATAPLANE_PUMP_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dataplane/pump.h"
#include "dataplane/worker.h"
#include "tests/unit/dataplane/fake_clock.h"
#include "tests/unit/dataplane/sockets.h"

#define PIPE_LEN 65536
#define ROUNDS	 200 /* loop rounds that settle anything small */

extern struct loop *main_loop; /* what the worker reports to */
extern struct worker worker;
extern struct shares shares;
extern struct pair *ended; /* the last that came back */
extern int n_ended;
extern int a[2], b[2]; /* sockets of the two ends, OURS and THEIRS */

/* What a wrapped call answers next; 0 = the real one is asked. */
extern int splice_errno, send_errno, recv_errno, pipe2_errno;

/* world_begin - a worker with that many pipes; no pair yet. */
void world_begin(size_t n_pipes);
void world_end(void);

/* world_rounds - n rounds of the worker's loop and the one it reports to. */
void world_rounds(int n);

/* world_join_with, world_join - a pair of new sockets, pumped. rate: bytes a
 * second, its own; 0 = no limit. */
void world_join_with(bool local, uint64_t rate, uint64_t idle_ms);
void world_join(bool local);

/* What there is to read now at one of the test's ends. */
void world_expect(int fd, const char *text);
void world_expect_nothing(int fd);
void world_expect_end(int fd);
void world_expect_reset(int fd);

#endif
