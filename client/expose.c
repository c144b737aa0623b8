#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "client/address.h"
#include "client/allow.h"
#include "client/command.h"
#include "client/guest.h"
#include "client/profile.h"
#include "client/relay.h"
#include "common/fd.h"
#include "common/log.h"

/* Descriptors for the control stream, the loop, and what libraries open. */
#define EXPOSE_FDS_OWN 64

struct expose_args {
	const char *relay;
	const char *identity;
	struct command_list allow;
	const char *notice;
	const char *proxy_protocol;
	bool raw;
	const char *service;
};

struct expose {
	const struct expose_args *args;
	struct url relay_url;
	struct service service;
	enum tx3_dialect dialect; /* if --notice gave one */
	struct allow allow;
	struct identity *id;
	SSL_CTX *relay_ctx;
	SSL_CTX *guest_ctx;
	struct loop *loop;
	struct relay *relay;
	struct guests guests;
	bool printed;
	struct fault fault; /* EXITCODE_OK: none */
};

static void
print_url(const struct expose *e, enum url_spelling spelling)
{
	struct url url = e->relay_url;
	char text[URL_TEXT_CAP];

	memcpy(url.digest, e->id->digest, DIGEST_LEN);
	(void)printf("%s\n", url_format(&url, spelling, text));
}

static void
on_registered(void *arg)
{
	struct expose *e = arg;

	if (e->printed)
		return;
	e->printed = true;
	print_url(e, URL_SCHEME);
	print_url(e, URL_STACK);
	if (fflush(stdout) == EOF)
		log_warn("stdout-failed", "why=%s", log_str(strerror(errno)).s);
}

static void
on_peer(void *arg, const struct tx3_notice *notice, const struct addr *addr)
{
	struct expose *e = arg;

	guest_arrives(&e->guests, notice, addr);
}

static void
on_hopeless(void *arg, const struct fault *fault)
{
	struct expose *e = arg;

	e->fault = *fault;
	loop_stop(e->loop);
}

static void
on_signal(void *arg)
{
	struct expose *e = arg;

	loop_stop(e->loop);
}

static int
read_notice(struct expose *e)
{
	const char *text = e->args->notice;

	if (text == NULL)
		return 0;
	if (strcmp(text, "32") == 0)
		e->dialect = TX3_NOTICE32;
	else if (strcmp(text, "50") == 0)
		e->dialect = TX3_NOTICE50;
	else
		return fault_set(&e->fault, EXITCODE_USAGE,
		    "--notice %.80s: it takes 32 or 50", text);
	return 0;
}

static int
read_proxy_protocol(struct expose *e)
{
	const char *text = e->args->proxy_protocol;

	if (text == NULL)
		return 0;
	if (strcmp(text, "v2") != 0)
		return fault_set(&e->fault, EXITCODE_USAGE,
		    "--proxy-protocol %.80s: it takes v2", text);
	e->service.wants_proxy2 = true;
	return 0;
}

static int
read_args(struct expose *e)
{
	struct service *service = &e->service;

	if (address_relay(&e->relay_url, e->args->relay, &e->fault) == -1 ||
	    address_host(service->host, &service->port, e->args->service,
		&e->fault) == -1 ||
	    read_notice(e) == -1 || read_proxy_protocol(e) == -1 ||
	    allow_parse(&e->allow, &e->args->allow, &e->fault) == -1)
		return -1;
	if (e->args->raw && e->allow.n > 0)
		return fault_set(&e->fault, EXITCODE_USAGE,
		    "--raw sees no certificate, so --allow can't go with it");
	return 0;
}

/* An identity that the user named is expected to exist; the default one is
 * made at its first use. */
static int
take_identity(struct expose *e)
{
	char path[PROFILE_PATH_CAP];

	if (e->args->identity != NULL) {
		e->id = profile_load(e->args->identity, &e->fault);
		return e->id == NULL ? -1 : 0;
	}
	if (profile_default_path(path, &e->fault) == -1)
		return -1;
	if (access(path, F_OK) == 0) {
		e->id = profile_load(path, &e->fault);
		return e->id == NULL ? -1 : 0;
	}
	e->id = profile_make(path, &e->fault);
	if (e->id == NULL)
		return -1;
	log_warn("identity-made", "file=%s note=%s", log_str(path).s,
	    log_str("losing it is losing the address").s);
	return 0;
}

static int
make_contexts(struct expose *e)
{
	e->relay_ctx = profile_context(TLS_ROLE_CLIENT, e->id, &e->fault);
	if (e->relay_ctx == NULL)
		return -1;
	if (e->args->raw)
		return 0;
	e->guest_ctx = profile_context(TLS_ROLE_SERVER, e->id, &e->fault);
	if (e->guest_ctx == NULL)
		return -1;
	allow_install(&e->allow, e->guest_ctx);
	return 0;
}

static size_t
guests_max(void)
{
	uint64_t limit;

	if (fd_raise_limit(&limit) == -1 || limit < EXPOSE_FDS_OWN + 2)
		return 1;
	limit = (limit - EXPOSE_FDS_OWN) / 2;
	return limit < GUESTS_MAX ? (size_t)limit : GUESTS_MAX;
}

static int
start(struct expose *e)
{
	static const struct relay_events events = {
	    on_registered, on_peer, on_hopeless};

	e->loop = loop_new_boot();
	if (e->loop == NULL ||
	    loop_on_signal(e->loop, SIGTERM, on_signal, e) == -1 ||
	    loop_on_signal(e->loop, SIGINT, on_signal, e) == -1)
		goto fail;
	guests_init(
	    &e->guests, e->loop, e->guest_ctx, &e->service, guests_max());
	e->relay = relay_start(e->loop, &e->relay_url, e->relay_ctx,
	    e->args->notice != NULL ? &e->dialect : NULL, &events, e);
	if (e->relay != NULL)
		return 0;
fail:
	return fault_set(&e->fault, EXITCODE_TRY_AGAIN,
	    "the event loop can't be started: %s", strerror(errno));
}

static void
clean_up(struct expose *e)
{
	relay_free(e->relay);
	guests_fini(&e->guests);
	loop_free(e->loop);
	SSL_CTX_free(e->guest_ctx);
	SSL_CTX_free(e->relay_ctx);
	identity_free(e->id);
}

static int
run(const void *args)
{
	struct expose e = {.args = args};

	if (read_args(&e) == 0 && take_identity(&e) == 0 &&
	    make_contexts(&e) == 0 && start(&e) == 0 && loop_run(e.loop) == -1)
		(void)fault_set(
		    &e.fault, EXITCODE_TRY_AGAIN, "the event loop failed");
	clean_up(&e);
	if (e.fault.code == EXITCODE_OK)
		return EXITCODE_OK;
	return fault_report(&e.fault, "expose");
}

static const struct command_arg ARGS[] = {
    {"--relay", "URL", COMMAND_TEXT, offsetof(struct expose_args, relay), 1, 0,
	"the relay's address, as carrick-control prints it"},
    {"--identity", "FILE", COMMAND_TEXT, offsetof(struct expose_args, identity),
	0, 0, "who we are; default: ~/.config/carrick/identity.pem"},
    {"--allow", "DIGEST", COMMAND_TEXTS, offsetof(struct expose_args, allow), 0,
	0, "take calls of this identity alone; may be repeated"},
    {"--proxy-protocol", "v2", COMMAND_TEXT,
	offsetof(struct expose_args, proxy_protocol), 0, 0,
	"tell the service where each peer is, as haproxy would"},
    {"--notice", "32|50", COMMAND_TEXT, offsetof(struct expose_args, notice), 0,
	0, "what this relay's notices are; default: agree with it"},
    {"--raw", NULL, COMMAND_FLAG, offsetof(struct expose_args, raw), 0, 0,
	"pass bytes on as they are, without ending TLS"},
    {NULL, "HOST:PORT", COMMAND_OPERAND, offsetof(struct expose_args, service),
	0, 0, "the service that is exposed"},
    {NULL, NULL, COMMAND_OPERAND, 0, 0, 0, NULL},
};

const struct command COMMAND_EXPOSE = {
    "expose",
    "Make a service reachable behind a relay.",
    "Registers with the relay and prints the address to share, in both\n"
    "spellings, on standard output. Each peer is taken in by TLS, whose key\n"
    "it has checked against that address, and joined to HOST:PORT. Runs\n"
    "until SIGINT or SIGTERM, and registers anew whenever the relay is lost;\n"
    "peers that are connected stay. The default identity\n"
    "($XDG_CONFIG_HOME/carrick/identity.pem if that is set) is made at the\n"
    "first use: losing it is losing the address.\n"
    "\n"
    "--proxy-protocol v2 begins each connection to HOST:PORT with the PROXY\n"
    "protocol's header: from where the peer is, as far as the relay tells, to\n"
    "the address of HOST:PORT; of a peer whose origin is not told, LOCAL. A\n"
    "service that expects no such header takes it for the peer's bytes.\n"
    "--notice 50 is for tx3 relays newer than 0.0.1, which tell origins too\n"
    "but can't be asked; carrick-control is asked by itself.\n",
    ARGS,
    sizeof(struct expose_args),
    run,
};
