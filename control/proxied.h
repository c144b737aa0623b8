/*
 * proxied - connections that come through a balancer. From the sources that
 * trusted_proxies lists, each begins with a PROXY header (proto/proxy.h), and
 * what that says of the source is believed: limits, log and notices know no
 * other. From any other source a header is somebody's claim, and refused.
 */
#ifndef CONTROL_PROXIED_H
#define CONTROL_PROXIED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "control/counters.h"
#include "proto/ipc.h"
#include "proto/wire.h"

struct arrival;
struct control;

/*
 * proxied_look - whose connection a public one is, before any frontend sees
 * it.
 *
 * a        its remote, source and header_len are set by a header that is
 *          believed. A balancer's own connection (LOCAL, UNKNOWN) keeps its
 *          remote.
 * b        what was shown of it, from the first byte.
 * want     out, on MORE: bytes in all to wait for.
 * why      out, on BAD: why it is refused.
 * Returns  PARSE_OK: what is behind header_len is the frontends'; PARSE_MORE;
 *          PARSE_BAD.
 */
enum parse_result proxied_look(const struct control *c, struct arrival *a,
    const struct ipc_bytes *b, size_t *want, enum refusal *why);

/* proxied_is_empty - whether a ended behind its header, own being what is
 * there: somebody who left without a byte, or a balancer that looks whether we
 * are alive. flags: of CONN_OPEN or CONN_MORE. */
bool proxied_is_empty(
    const struct arrival *a, const struct ipc_bytes *own, uint8_t flags);

/* proxied_end - the end of such a one: a counter, and no word in the log. a is
 * freed. */
void proxied_end(struct control *c, struct arrival *a);

#endif
