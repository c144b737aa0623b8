/*
 * init - carrick-control --init: a new relay's keys and configurations.
 */
#ifndef CONTROL_INIT_H
#define CONTROL_INIT_H

#include "proto/certform.h"

struct config;

/*
 * init_relay - make the identity and the cluster key, write control's and a
 * splice node's configuration; overwrites nothing.
 *
 * path     of control's; the others go beside it. NULL:
 *          control.yml in the state folder.
 * Returns  an exit code; what was done or went wrong has been said.
 */
int init_relay(const char *path);

/*
 * init_identity - make and save a new identity of that form at path, its folder
 * too if that alone is missing.
 *
 * why      out, IDENTITY_WHY_CAP bytes.
 * Returns  it, owned by the caller; NULL with a sentence in why.
 */
struct identity *
init_identity(const char *path, const struct cert_form *form, char *why);

#endif
