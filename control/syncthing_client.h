/*
 * syncthing_client - the conversation with a Syncthing device on a control
 * stream: it joins and is pinged, or it asks for another and is sent on.
 */
#ifndef CONTROL_SYNCTHING_CLIENT_H
#define CONTROL_SYNCTHING_CLIENT_H

#include <stddef.h>
#include <stdint.h>

struct call;
struct stream;

/* A device whose place another wants has so long to answer a ping; its node so
 * long to say whether its TCP did. */
#define SYNCTHING_CONTEST_MS 2000
#define SYNCTHING_JUDGE_MS   300

/* How far the node's word may be off: a kernel counts in ticks of up to 10 ms,
 * and a ping is on its way before its TCP sees it. */
#define SYNCTHING_CLOCKS_MS 50

/* The callbacks of the same names in frontend.h. */
void syncthing_client_opened(struct stream *s, const char *alpn);
size_t
syncthing_client_received(struct stream *s, const uint8_t *p, size_t len);
void syncthing_client_due(struct stream *s);
void syncthing_client_heard(struct stream *s, uint32_t ms);
void syncthing_client_ended(struct stream *s);
void syncthing_client_turned_away(struct stream *asker);
int syncthing_client_announce(struct call *call);

#endif
