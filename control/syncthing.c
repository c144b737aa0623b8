#include "control/syncthing.h"

#include <stdio.h>
#include <string.h>

#include "common/secret.h"
#include "common/secret_file.h"
#include "control/config.h"
#include "control/frontend.h"

static size_t
len_of_line(const char *text, size_t len)
{
	while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	return len;
}

static int
take_token(struct syncthing *s, const char *text, size_t len, const char *path,
    char *why)
{
	len = len_of_line(text, len);
	if (len == 0 || len > sizeof s->token) {
		(void)snprintf(why, CONFIG_WHY_CAP,
		    "%.400s: the token is one line of 1 to %zu bytes", path,
		    sizeof s->token);
		return -1;
	}
	memcpy(s->token, text, len);
	s->token_len = len;
	s->has_token = true;
	return 0;
}

int
syncthing_load(struct syncthing *s, const struct config *config, char *why)
{
	enum { FILE_MAX = SYNCTHING_TEXT_MAX + 2 };
	const char *path = config->syncthing_token_file;
	char *text;
	size_t len;
	int rc;

	if (path[0] == '\0' || !config_serves(config, frontend_syncthing.name))
		return 0;
	text = secret_file_read(path, FILE_MAX, &len, why, CONFIG_WHY_CAP);
	if (text == NULL)
		return -1;
	rc = take_token(s, text, len, path, why);
	secret_file_free(text, len);
	return rc;
}

void
syncthing_free(struct syncthing *s)
{
	secret_wipe(s->token, sizeof s->token);
	s->has_token = false;
}

bool
syncthing_may_join(
    const struct syncthing *s, const struct syncthing_bytes *token)
{
	uint8_t padded[SYNCTHING_TEXT_MAX] = {0};
	bool is_same;

	if (!s->has_token)
		return true;
	if (token->len > 0)
		memcpy(padded, token->p, token->len);
	is_same = secret_equal(padded, s->token, sizeof padded) &&
		  token->len == s->token_len;
	secret_wipe(padded, sizeof padded);
	return is_same;
}

/* Held connections and refusals borrow them, so they are written out. */
static const uint8_t SUCCESS[] = {0x9e, 0x79, 0xbc, 0x40, 0, 0, 0, 4, 0, 0, 0,
    16, 0, 0, 0, 0, 0, 0, 0, 7, 's', 'u', 'c', 'c', 'e', 's', 's', 0};
static const uint8_t NOT_FOUND[] = {0x9e, 0x79, 0xbc, 0x40, 0, 0, 0, 4, 0, 0, 0,
    20, 0, 0, 0, 1, 0, 0, 0, 9, 'n', 'o', 't', ' ', 'f', 'o', 'u', 'n', 'd', 0,
    0, 0};
static const uint8_t UNEXPECTED[] = {0x9e, 0x79, 0xbc, 0x40, 0, 0, 0, 4, 0, 0,
    0, 28, 0, 0, 0, 100, 0, 0, 0, 18, 'u', 'n', 'e', 'x', 'p', 'e', 'c', 't',
    'e', 'd', ' ', 'm', 'e', 's', 's', 'a', 'g', 'e', 0, 0};

struct ipc_bytes
syncthing_success(void)
{
	return (struct ipc_bytes){SUCCESS, sizeof SUCCESS};
}

struct ipc_bytes
syncthing_not_found(void)
{
	return (struct ipc_bytes){NOT_FOUND, sizeof NOT_FOUND};
}

struct ipc_bytes
syncthing_unexpected(void)
{
	return (struct ipc_bytes){UNEXPECTED, sizeof UNEXPECTED};
}
