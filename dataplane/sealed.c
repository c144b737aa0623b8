#include "dataplane/sealed.h"

#include <stdio.h>
#include <string.h>

#include "common/keyfile.h"
#include "common/nnlink.h"
#include "common/secret.h"
#include "dataplane/node.h"

int
sealed_load(struct sealed *s, const struct config *config, char *why)
{
	char detail[KEYFILE_WHY_CAP];

	s->on = nnlink_is_tcp(config->events_url);
	if (!s->on)
		return 0;
	seal_quiet_start();
	if (keyfile_load_link(
		&s->link, config->link_key, config->name, detail) == 0)
		return 0;
	(void)snprintf(why, CONF_WHY_CAP, "link_key: %s", detail);
	return -1;
}

void
sealed_free(struct sealed *s)
{
	seal_session_end(&s->session);
	secret_wipe(s, sizeof *s);
}

int
sealed_begin(struct sealed *s, uint64_t epoch, uint64_t session)
{
	s->has_phase = false; /* another answer to that hello opens no more */
	return s->on ? seal_session_begin(
			   &s->session, &s->link, SEAL_AT_NODE, epoch, session)
		     : 0;
}

void
sealed_end(struct sealed *s)
{
	seal_session_end(&s->session);
}

/* Drawn once for all hellos until the next session. */
static bool
has_phase(struct sealed *s)
{
	if (!s->has_phase)
		s->has_phase = secret_random(s->phase, sizeof s->phase) == 0;
	return s->has_phase;
}

int
sealed_put(struct sealed *s, const uint8_t **p, size_t *len)
{
	size_t n = 0;

	if (!s->on)
		return 0;
	if (**p != IPC_NODE_HELLO)
		n = seal_session_put(&s->session, *p, *len, s->envelope);
	else if (has_phase(s))
		n = seal_put_hello(&s->link, s->phase, *p, *len, s->envelope);
	*p = s->envelope;
	*len = n;
	return n > 0 ? 0 : -1;
}

/* Which counter goes up for what was not taken; FIGURE_COUNT: none. */
static enum figure
take_welcome(struct node *n, const struct seal_parts *parts, size_t *len)
{
	struct sealed *s = &n->sealed;

	if (!s->has_phase)
		return FIGURE_IPC_STALE; /* a second answer to one hello */
	*len = seal_open_welcome(
	    &s->link, s->phase, n->link.epoch, parts, s->opened);
	return *len > 0 ? FIGURE_COUNT : FIGURE_SEAL_FORGED;
}

static enum figure
take_command(struct node *n, const struct seal_parts *parts, size_t *len)
{
	const struct ipc_header h = {.type = parts->head.type,
	    .from = parts->head.from,
	    .to = parts->head.to};

	if (!link_proves_session(n, &h))
		return FIGURE_IPC_STALE;
	switch (seal_session_open(
	    &n->sealed.session, parts, n->sealed.opened, len)) {
	case SEAL_OPENED:
		return FIGURE_COUNT;
	case SEAL_FORGED:
		return FIGURE_SEAL_FORGED;
	case SEAL_REPEATED:
		return FIGURE_SEAL_REPEATED;
	}
	return FIGURE_SEAL_FORGED;
}

static enum figure
take(struct node *n, const uint8_t *p, size_t *len)
{
	struct seal_parts parts;
	enum figure bad;

	if (seal_parse(&parts, p, *len) != PARSE_OK)
		return FIGURE_IPC_BAD;
	if (parts.head.form == SEAL_WELCOME)
		bad = take_welcome(n, &parts, len);
	else if (parts.head.form == SEAL_COMMAND)
		bad = take_command(n, &parts, len);
	else
		bad = FIGURE_IPC_BAD; /* one of a node's own forms */
	if (bad == FIGURE_COUNT &&
	    !seal_head_is_of(&parts.head, n->sealed.opened, *len))
		bad = FIGURE_IPC_BAD;
	return bad;
}

bool
sealed_take(struct node *n, const uint8_t **p, size_t *len)
{
	enum figure bad;

	if (!n->sealed.on)
		return true;
	bad = take(n, *p, len);
	*p = n->sealed.opened;
	if (bad == FIGURE_COUNT)
		return true;
	n->account.counters[bad]++;
	return false;
}
