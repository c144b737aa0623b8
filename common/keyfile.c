#include "common/keyfile.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "common/fd.h"
#include "common/secret.h"
#include "common/secret_file.h"
#include "proto/digest.h"

#define CLUSTER "carrick-cluster-key"
#define LINK	"carrick-link-key"

enum { FILE_MAX = 4096 }; /* bytes; comments may be added by hand */

_Static_assert(sizeof((struct seal_link *)NULL)->key == DIGEST_LEN,
    "a key is written as a digest is");

__attribute__((format(printf, 2, 3))) static int
fail(char *why, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(why, KEYFILE_WHY_CAP, fmt, args);
	va_end(args);
	return -1;
}

/* The words of the one line that says something; they stay in text. */
struct words {
	char *word[4]; /* one more than any line has */
	size_t n;
};

static void
split(struct words *w, char *text)
{
	char *line, *word, *rest = text, *more;

	memset(w, 0, sizeof *w);
	while ((line = strsep(&rest, "\n")) != NULL) {
		if (line[0] == '#')
			continue;
		for (word = strtok_r(line, " \t\r", &more); word != NULL;
		     word = strtok_r(NULL, " \t\r", &more))
			if (w->n < sizeof w->word / sizeof *w->word)
				w->word[w->n++] = word;
	}
}

static int
take_key(const struct words *w, const char *kind, size_t n_words,
    uint8_t key[SEAL_KEY_LEN], const char *path, char *why)
{
	const char *other = strcmp(kind, LINK) == 0 ? CLUSTER : LINK;

	if (w->n > 0 && strcmp(w->word[0], other) == 0)
		return fail(why, "%s: it holds a %s, and a %s is wanted here",
		    path, other + strlen("carrick-"),
		    kind + strlen("carrick-"));
	if (w->n == n_words && strcmp(w->word[0], kind) == 0 &&
	    digest_parse(
		key, w->word[n_words - 1], strlen(w->word[n_words - 1])) == 0)
		return 0;
	return fail(why,
	    "%s: one line is wanted in it, '%s%s KEY', as carrick-control %s "
	    "makes it",
	    path, kind, n_words == 3 ? " NAME" : "",
	    n_words == 3 ? "node-key NAME" : "--init");
}

int
keyfile_load_cluster(uint8_t key[SEAL_KEY_LEN], const char *path, char *why)
{
	struct words w;
	size_t len;
	char *text =
	    secret_file_read(path, FILE_MAX, &len, why, KEYFILE_WHY_CAP);
	int rc;

	if (text == NULL)
		return errno != ENOENT
			   ? -1
			   : fail(why,
				 "%s: it is not there: carrick-control --init "
				 "makes one",
				 path);
	split(&w, text);
	rc = take_key(&w, CLUSTER, 2, key, path, why);
	secret_file_free(text, len);
	return rc;
}

static int
check_name(const struct words *w, const char *name, const char *path, char *why)
{
	if (w->n < 2 || strcmp(w->word[1], name) == 0)
		return 0;
	return fail(why,
	    "%s: it is the link key of node '%.48s', and this node's name is "
	    "'%s'",
	    path, w->word[1], name);
}

int
keyfile_load_link(
    struct seal_link *l, const char *path, const char *name, char *why)
{
	struct words w;
	size_t len;
	char *text =
	    secret_file_read(path, FILE_MAX, &len, why, KEYFILE_WHY_CAP);
	int rc;

	if (text == NULL)
		return errno != ENOENT
			   ? -1
			   : fail(why,
				 "%s: it is not there: put into it what "
				 "carrick-control node-key %s prints",
				 path, name);
	split(&w, text);
	rc = take_key(&w, LINK, 3, l->key, path, why);
	if (rc == 0)
		rc = check_name(&w, name, path, why);
	(void)snprintf(l->name, sizeof l->name, "%s", name);
	secret_file_free(text, len);
	return rc;
}

int
keyfile_save_cluster(const char *path)
{
	uint8_t key[SEAL_KEY_LEN];
	char text[KEYFILE_TEXT_CAP], shown[DIGEST_TEXT_CAP];
	int n, rc;

	if (secret_random(key, sizeof key) != 0)
		return -1;
	n = snprintf(text, sizeof text,
	    "# Carrick's cluster key: who has it can pass for control and for "
	    "every node.\n" CLUSTER " %s\n",
	    digest_format(key, shown));
	rc = fd_write_file(path, text, (size_t)n, 0600);
	secret_wipe(key, sizeof key);
	secret_wipe(text, sizeof text);
	secret_wipe(shown, sizeof shown);
	return rc;
}

const char *
keyfile_format_link(const struct seal_link *l, char *text)
{
	char shown[DIGEST_TEXT_CAP];

	(void)snprintf(text, KEYFILE_TEXT_CAP,
	    "# The link key of Carrick's splice node %s: nobody else may read "
	    "this file.\n" LINK " %s %s\n",
	    l->name, l->name, digest_format(l->key, shown));
	secret_wipe(shown, sizeof shown);
	return text;
}
