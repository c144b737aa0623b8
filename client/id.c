#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "client/address.h"
#include "client/command.h"
#include "client/profile.h"

struct id_args {
	const char *identity;
	bool new;
	const char *relay;
};

static void
print(const struct identity *id, const struct url *relay)
{
	char text[URL_TEXT_CAP];
	struct url url;

	(void)printf("%s\n", digest_format(id->digest, text));
	if (relay == NULL)
		return;
	url = *relay;
	memcpy(url.digest, id->digest, DIGEST_LEN);
	(void)printf("%s\n", url_format(&url, URL_SCHEME, text));
	(void)printf("%s\n", url_format(&url, URL_STACK, text));
}

static int
run(const void *p)
{
	const struct id_args *args = p;
	const char *path = args->identity;
	char buf[PROFILE_PATH_CAP];
	struct identity *id;
	struct fault fault;
	struct url relay;

	if (args->relay != NULL &&
	    address_relay(&relay, args->relay, &fault) == -1)
		return fault_report(&fault, "id");
	if (path == NULL) {
		if (profile_default_path(buf, &fault) == -1)
			return fault_report(&fault, "id");
		path = buf;
	}
	id =
	    args->new ? profile_make(path, &fault) : profile_load(path, &fault);
	if (id == NULL)
		return fault_report(&fault, "id");
	print(id, args->relay != NULL ? &relay : NULL);
	identity_free(id);
	return EXITCODE_OK;
}

static const struct command_arg ARGS[] = {
    {"--identity", "FILE", COMMAND_TEXT, offsetof(struct id_args, identity), 0,
	0, "default: ~/.config/carrick/identity.pem"},
    {"--new", NULL, COMMAND_FLAG, offsetof(struct id_args, new), 0, 0,
	"make it; a file that exists is left as it is, and that is an error"},
    {"--relay", "URL", COMMAND_TEXT, offsetof(struct id_args, relay), 0, 0,
	"print the addresses behind this relay, too"},
    {NULL, NULL, COMMAND_OPERAND, 0, 0, 0, NULL},
};

const struct command COMMAND_ID = {
    "id",
    "Show an identity's digest, or make an identity.",
    "Prints the digest, and with --relay the address in both spellings. The\n"
    "file is one PEM with key and certificate, 0600. The default file is\n"
    "$XDG_CONFIG_HOME/carrick/identity.pem if that is set, else\n"
    "~/.config/carrick/identity.pem. Losing it is losing the address.\n",
    ARGS,
    sizeof(struct id_args),
    run,
};
