#include "control/syncthing_client.h"

#include <stdlib.h>
#include <string.h>

#include "common/secret.h"
#include "control/call.h"
#include "control/control.h"
#include "control/syncthing_place.h"

/* stream->own. Of two streams of one device the one that is registered holds
 * the place, the newcomer waits for what becomes of it. */
struct conversation {
	uint64_t heard_ms;	 /* when the device last said anything */
	struct stream *holder;	 /* a newcomer's; NULL: none, or it is gone */
	struct stream *newcomer; /* a holder's; NULL: nobody wants its place */
	uint64_t since_ms;	 /* a newcomer's: when its holder was pinged */
	bool is_asked; /* a newcomer's: the node was, about its holder */
};

static struct conversation *
own(const struct stream *s)
{
	return s->own;
}

static int
tell(struct stream *s, const struct syncthing_msg *m)
{
	uint8_t buf[SYNCTHING_MSG_MAX];
	size_t len = syncthing_encode(m, buf, sizeof buf);
	int rc = stream_say(s, buf, len);

	secret_wipe(buf, len); /* of invitations */
	return rc;
}

/* Say it, and that is the end. */
static void
answer(struct stream *s, enum syncthing_code code, enum stream_end why)
{
	const struct syncthing_msg m = syncthing_response(code);

	(void)tell(s, &m);
	stream_end(s, why);
}

static void
refuse_full(struct stream *s)
{
	static const struct syncthing_msg FULL = {.type = SYNCTHING_RELAY_FULL};

	(void)tell(s, &FULL);
	stream_end(s, STREAM_END_FULL);
}

static int
ping(struct stream *s)
{
	static const struct syncthing_msg PING = {.type = SYNCTHING_PING};

	return tell(s, &PING);
}

void
syncthing_client_opened(struct stream *s, const char *alpn)
{
	struct conversation *o = calloc(1, sizeof *o);

	s->own = o;
	if (o == NULL)
		stream_end(s, STREAM_END_RESOURCES);
	else if (strcmp(alpn, SYNCTHING_ALPN) != 0)
		stream_end(s, STREAM_END_TLS_ALPN);
}

/* Neither minds the other any more. */
static void
part(struct stream *holder, struct stream *newcomer)
{
	own(holder)->newcomer = NULL;
	own(newcomer)->holder = NULL;
}

void
syncthing_client_ended(struct stream *s)
{
	struct conversation *o = s->own;
	struct stream *newcomer = o != NULL ? o->newcomer : NULL;

	s->own = NULL;
	if (newcomer != NULL) {
		own(newcomer)->holder = NULL;
		/* Not within the end of another. */
		(void)stream_wait(newcomer, 0);
	} else if (o != NULL && o->holder != NULL) {
		own(o->holder)->newcomer = NULL;
	}
	free(o);
}

/* The place is taken before a former holder gives its own back, unless there is
 * but that one. */
static enum refusal
take_place(struct stream *s, struct stream *holder)
{
	enum refusal why = stream_take_place(s);

	if (why == REFUSAL_NONE || holder == NULL)
		return why;
	stream_end(holder, STREAM_END_REPLACED);
	return stream_take_place(s);
}

/* s joins; holder, if there is one, ends. */
static void
let_join(struct stream *s, struct stream *holder)
{
	const struct ipc_bytes welcome = syncthing_success();

	if (holder != NULL)
		part(holder, s);
	if (take_place(s, holder) != REFUSAL_NONE) {
		refuse_full(s);
		return;
	}
	stream_register(s, welcome.p, welcome.len);
	if (s->state == STREAM_REGISTERED)
		(void)stream_wait(s, SYNCTHING_PING_MS);
}

/* It is there: the newcomer is told so. */
static void
keep_place(struct stream *holder)
{
	struct stream *newcomer = own(holder)->newcomer;

	part(holder, newcomer);
	answer(newcomer, SYNCTHING_ALREADY_CONNECTED, STREAM_END_DUPLICATE);
}

/* The device may have left its old connection behind, in another network; or
 * somebody copied its certificate, and it sits well where it is. */
static void
contest(struct stream *s, struct stream *holder)
{
	if (own(holder)->newcomer != NULL) {
		answer(s, SYNCTHING_ALREADY_CONNECTED, STREAM_END_DUPLICATE);
		return;
	}
	own(s)->holder = holder;
	own(s)->since_ms = loop_now_ms(s->control->loop);
	own(holder)->newcomer = s;
	if (stream_wait(s, SYNCTHING_CONTEST_MS) == 0)
		(void)ping(holder);
}

static void
on_join(struct stream *s, const struct syncthing_msg *m)
{
	struct control *c = s->control;
	struct client *client;

	if (s->state == STREAM_REGISTERED) {
		answer(s, SYNCTHING_ALREADY_CONNECTED, STREAM_END_DUPLICATE);
		return;
	}
	if (!syncthing_may_join(&c->syncthing, &m->u.token)) {
		answer(s, SYNCTHING_WRONG_TOKEN, STREAM_END_TOKEN);
		return;
	}
	client = registry_find(&c->registry, s->frontend, s->digest);
	if (client != NULL)
		contest(s, client->stream);
	else
		let_join(s, NULL);
}

static void
not_found(struct stream *s)
{
	answer(s, SYNCTHING_NOT_FOUND, STREAM_END_ABSENT);
}

void
syncthing_client_turned_away(struct stream *asker)
{
	not_found(asker);
}

/* Who is there, or may be soon: control has just begun. */
static struct client *
find_wanted(struct stream *s, const struct syncthing_bytes *id)
{
	struct control *c = s->control;
	struct client *client;

	if (id->len != DIGEST_LEN)
		return NULL;
	client = registry_find(&c->registry, s->frontend, id->p);
	return client != NULL ? client : registry_expect(c, s->frontend, id->p);
}

static void
on_connect(struct stream *s, const struct syncthing_msg *m)
{
	struct client *wanted = find_wanted(s, &m->u.id);
	enum refusal why;

	if (wanted == NULL) {
		not_found(s);
		return;
	}
	why = call_ask(s->control, wanted, s);
	if (why != REFUSAL_NONE) {
		refuse_wish(s, why);
		not_found(s);
	} else if (s->asked != NULL) {
		stream_leave_handshakes(s);
	}
}

static void
on_ping(struct stream *s)
{
	static const struct syncthing_msg PONG = {.type = SYNCTHING_PONG};

	(void)tell(s, &PONG);
}

/* Whether it is a time to begin something: neither joining, nor asking for
 * another, nor joined. */
static bool
is_idle(const struct stream *s)
{
	return s->state == STREAM_OPEN && s->asked == NULL &&
	       own(s)->holder == NULL;
}

static void
unexpected(struct stream *s)
{
	answer(s, SYNCTHING_UNEXPECTED_MESSAGE, STREAM_END_PROTOCOL);
}

static void
handle(struct stream *s, const struct syncthing_msg *m)
{
	switch (m->type) {
	case SYNCTHING_PING:
		on_ping(s);
		return;
	case SYNCTHING_PONG:
		return;
	case SYNCTHING_JOIN_RELAY_REQUEST:
		if (is_idle(s) || s->state == STREAM_REGISTERED)
			on_join(s, m);
		else
			unexpected(s);
		return;
	case SYNCTHING_CONNECT_REQUEST:
		if (is_idle(s))
			on_connect(s, m);
		else
			unexpected(s);
		return;
	case SYNCTHING_JOIN_SESSION_REQUEST:
	case SYNCTHING_RESPONSE:
	case SYNCTHING_SESSION_INVITATION:
	case SYNCTHING_RELAY_FULL:
		unexpected(s);
		return;
	}
}

size_t
syncthing_client_received(struct stream *s, const uint8_t *p, size_t len)
{
	struct syncthing_msg m;
	size_t used = 0;

	own(s)->heard_ms = loop_now_ms(s->control->loop);
	if (own(s)->newcomer != NULL)
		keep_place(s);
	switch (syncthing_decode(&m, p, len, &used)) {
	case PARSE_OK:
		handle(s, &m);
		break;
	case PARSE_MORE:
		break;
	case PARSE_BAD:
		stream_end(s, STREAM_END_PROTOCOL);
		break;
	}
	return used;
}

/* A device never pings by itself. It may be busy for many seconds, so only a
 * silence of more than one ping says something. */
static void
keep_alive(struct stream *s)
{
	uint64_t silent_ms = loop_now_ms(s->control->loop) - own(s)->heard_ms;
	uint64_t left_ms;

	if (silent_ms >= SYNCTHING_SILENCE_MS) {
		stream_end(s, STREAM_END_SILENT);
		return;
	}
	left_ms = SYNCTHING_SILENCE_MS - silent_ms;
	if (ping(s) == 0)
		(void)stream_wait(s,
		    left_ms < SYNCTHING_PING_MS ? left_ms : SYNCTHING_PING_MS);
}

/* The holder has said nothing. Its TCP may have: then the device is there, and
 * busy with something else. */
static void
judge(struct stream *s)
{
	struct stream *holder = own(s)->holder;

	if (holder != NULL && !own(s)->is_asked && stream_ask(holder) == 0) {
		own(s)->is_asked = true;
		(void)stream_wait(s, SYNCTHING_JUDGE_MS);
		return;
	}
	let_join(s, holder);
}

void
syncthing_client_due(struct stream *s)
{
	if (s->state == STREAM_REGISTERED)
		keep_alive(s);
	else
		judge(s);
}

/* Whatever its TCP acknowledged since the ping went out counts: that may be
 * the ping itself, a moment later. */
void
syncthing_client_heard(struct stream *s, uint32_t ms)
{
	struct stream *newcomer = own(s)->newcomer;
	uint64_t waited_ms;

	if (newcomer == NULL || !own(newcomer)->is_asked)
		return;
	waited_ms = loop_now_ms(s->control->loop) - own(newcomer)->since_ms;
	if (ms <= waited_ms + SYNCTHING_CLOCKS_MS)
		keep_place(s);
	else
		let_join(newcomer, s);
}

/* To that node, where it has an address of its own for this device; else to
 * where the device reached the relay, which an empty one stands for. */
static int
invite(struct stream *s, const struct call *call, enum call_side side,
    const uint8_t from[DIGEST_LEN], const struct node *node)
{
	struct syncthing_msg m = {.type = SYNCTHING_SESSION_INVITATION};
	struct syncthing_invitation *i = &m.u.invitation;
	struct addr at;

	i->from = (struct syncthing_bytes){from, DIGEST_LEN};
	i->key = (struct syncthing_bytes){
	    call->parties[side].token.bytes, SYNCTHING_KEY_LEN};
	i->port = publish_port(s->control, s->local.port);
	if (syncthing_place_at(&at, node, s)) {
		i->address = syncthing_address(&at);
		i->port = at.port;
	}
	i->server_socket = side == CALL_CLIENT;
	return tell(s, &m);
}

int
syncthing_client_announce(struct call *call)
{
	struct stream *asker = call_unask(call); /* NULL: it was told before */
	const struct node *node = syncthing_place_node(call, asker);
	struct client *client = call->client;

	if (asker != NULL &&
	    invite(asker, call, CALL_PEER, client->digest, node) == 0)
		stream_end(asker, STREAM_END_INVITED);
	return invite(
	    client->stream, call, CALL_CLIENT, call->asker_digest, node);
}
