/*
 * fake - a control without sockets for the unit tests of control/: a clock
 * moved by hand (fake_time), nodes whose events are encoded here (fake_node)
 * and whose commands are caught here (fake_commands), clients whose TLS is left
 * out (fake_stream), and a log that is counted (fake_log).
 *
 * Everything that FAKE_WRAP in CMakeLists.txt names is caught.
 */
#ifndef TESTS_UNIT_CONTROL_FAKE_H
#define TESTS_UNIT_CONTROL_FAKE_H

#include <stdbool.h>
#include <stdint.h>

#include "control/control.h"
#include "proto/ipc.h"
#include "proto/tx3.h"
#include "tests/unit/control/fake_commands.h"
#include "tests/unit/control/fake_log.h"
#include "tests/unit/control/fake_node.h"
#include "tests/unit/control/fake_stream.h"
#include "tests/unit/control/fake_time.h"

/* fake_new - a control with default configuration, ready. fake_free checks
 * that it can be taken down. The relay's digest is 32 times 0xd1. */
struct control *fake_new(void);

/* fake_new_far - the same whose nodes are on other hosts: edge-* in
 * 192.0.2.0/24, core at 198.51.100.7 and in 2001:db8::/32. The cluster key is
 * 32 times 0xc1. */
struct control *fake_new_far(void);

/* fake_relay - that digest. */
const uint8_t *fake_relay(const struct control *c);

/* fake_identity - one more identity, whose digest is 32 times byte. */
void fake_identity(
    struct control *c, uint8_t byte, enum tx3_dialect dialect, bool retiring);
void fake_free(struct control *c);

#endif
