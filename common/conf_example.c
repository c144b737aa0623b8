#include <string.h>

#include "common/conf_private.h"

/* Each line of text as a comment. */
static void
put_comment(FILE *f, const char *indent, const char *text)
{
	while (*text != '\0') {
		int len = (int)strcspn(text, "\n");

		(void)fprintf(f, "#%s %.*s\n", indent, len, text);
		text += len;
		text += *text == '\n';
	}
}

static bool
is_list(const struct conf_key *k)
{
	return k->type == CONF_STRINGS || k->type == CONF_SECTIONS;
}

static const char *
default_of(const struct conf_key *k)
{
	if (k->def != NULL)
		return k->def;
	return is_list(k) ? "[]" : "\"\"";
}

static void
put_key(const struct conf_key *k, FILE *f)
{
	char range[96];

	put_comment(f, "", k->help);
	(void)fprintf(f, "# Allowed: %s%s. Default: %s\n",
	    is_list(k) ? "a list of " : "", conf_range(k, range, sizeof range),
	    default_of(k));
}

static void
put_section_keys(const struct conf_key *keys, FILE *f)
{
	(void)fprintf(f, "# Each entry has these keys:\n");
	for (; keys->name != NULL; keys++) {
		char range[96];

		(void)fprintf(f, "#   %s (%s; default %s):\n", keys->name,
		    conf_range(keys, range, sizeof range), default_of(keys));
		put_comment(f, "    ", keys->help);
	}
}

void
conf_example(const struct conf_key *keys, const char *title, FILE *f)
{
	put_comment(f, "", title);
	(void)fprintf(f, "#\n# Every key with its default; to change one, take "
			 "away the # before it.\n");
	for (; keys->name != NULL; keys++) {
		(void)fputc('\n', f);
		put_key(keys, f);
		if (keys->type == CONF_SECTIONS)
			put_section_keys(keys->sub, f);
		(void)fprintf(f, "#%s: %s\n", keys->name, default_of(keys));
	}
}
