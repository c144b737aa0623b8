/*
 * metrics - everything that control and its nodes count, as Prometheus text.
 */
#ifndef CONTROL_METRICS_H
#define CONTROL_METRICS_H

struct control;
struct evbuffer;

/* metrics_write - append all families, each with HELP and TYPE. Returns 0;
 * -1: no memory, what was written is of no use. */
int metrics_write(const struct control *c, struct evbuffer *out);

#endif
