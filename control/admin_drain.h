/*
 * admin_drain - what an operator can have done over HTTP, on the UNIX socket
 * alone: POST /nodes/NAME/drain, with ?timeout_ms=MS or without, in which case
 * the node's own configuration says how long.
 */
#ifndef CONTROL_ADMIN_DRAIN_H
#define CONTROL_ADMIN_DRAIN_H

#include "control/http.h"

struct control;

/*
 * admin_post - do what a POST asks for, and answer.
 *
 * answer   200: it was sent to the node; 400: the time is none; 404: there is
 *          no such node, and which there are, or it is no path of ours; 409:
 *          control has no session with the node.
 */
void admin_post(struct control *c, const struct http_request *r,
    struct http_answer *answer);

#endif
