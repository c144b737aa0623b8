/*
 * ipc_body - the body of each IPC message (proto/IPC.md, 3), field by field and
 * for both directions. Pure; for the catalogue in ipc.c alone.
 */
#ifndef PROTO_IPC_BODY_H
#define PROTO_IPC_BODY_H

#include "proto/ipc.h"
#include "proto/ipc_field.h"

/* ipc_body_fn - read a body into m, or write m's: as c says, which is bad
 * afterwards if a field is out of its range. */
typedef void ipc_body_fn(struct ipc_codec *c, struct ipc_msg *m);

ipc_body_fn ipc_body_node_hello;
ipc_body_fn ipc_body_node_ready;
ipc_body_fn ipc_body_node_beat;
ipc_body_fn ipc_body_node_bye;
ipc_body_fn ipc_body_conn_open;
ipc_body_fn ipc_body_conn_more;
ipc_body_fn ipc_body_conn_fin;
ipc_body_fn ipc_body_conn_gone;
ipc_body_fn ipc_body_pair_refused;
ipc_body_fn ipc_body_pair_ended;
ipc_body_fn ipc_body_pair_list;
ipc_body_fn ipc_body_pair_heard;
ipc_body_fn ipc_body_welcome;
ipc_body_fn ipc_body_empty;
ipc_body_fn ipc_body_release_ack;
ipc_body_fn ipc_body_conn_wait;
ipc_body_fn ipc_body_conn_hold;
ipc_body_fn ipc_body_conn_pair;
ipc_body_fn ipc_body_conn_join;
ipc_body_fn ipc_body_conn_drop;
ipc_body_fn ipc_body_pair_list_ask;
ipc_body_fn ipc_body_pair_ask;
ipc_body_fn ipc_body_drain;

#endif
