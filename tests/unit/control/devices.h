/*
 * devices - Syncthing's, over node a, and what they are told. Device n's digest
 * is 32 times n.
 */
#ifndef TESTS_UNIT_CONTROL_DEVICES_H
#define TESTS_UNIT_CONTROL_DEVICES_H

#include <stddef.h>
#include <stdint.h>

#include "proto/syncthing.h"
#include "tests/unit/control/world.h"

/* devices_set_up - one_node, and a control that serves Syncthing as well. */
void devices_set_up(void);

/* What a device says first: its hello of TLS. */
extern uint8_t device_hello[2048];
extern size_t device_hello_len;

/* device_at, device - its stream, TLS done, over connections conn (1000 times
 * byte) and the next. joined - the same, and it has joined. */
struct stream *device_at(uint64_t conn, uint8_t byte);
struct stream *device(uint8_t byte);
struct stream *joined(uint8_t byte);

/* say, say_type - the device says m, or an empty message of that type; ask - it
 * asks for the device of that byte. */
void say(struct stream *s, const struct syncthing_msg *m);
void say_type(struct stream *s, enum syncthing_type type);
void ask(struct stream *s, uint8_t byte);

/* waiting_asker - device 9 asks for server's, who is not told of it before time
 * has passed. */
struct stream *waiting_asker(struct stream *server);

/* told - the next message that s was told; its views are good until the next.
 * The others check that it is this one, or that there is none. */
struct syncthing_msg told(const struct stream *s);
void told_nothing(const struct stream *s);
void told_code(const struct stream *s, enum syncthing_code code);
void told_ping(const struct stream *s);

/* invited - s is told of an invitation; key is what it is invited with, the
 * rest is checked to be as it should be. */
void invited(const struct stream *s, uint8_t from, bool server_socket,
    uint8_t key[SYNCTHING_KEY_LEN]);

#endif
