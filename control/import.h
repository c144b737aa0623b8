/*
 * import - carrick-control import: move a tx3-relay in, with its certificate,
 * its limits and its addresses, so that its URL stays.
 */
#ifndef CONTROL_IMPORT_H
#define CONTROL_IMPORT_H

/*
 * import_relay - read a tx3-relay.yml; write identity, control.yml and
 * splice.yml; say what could not be carried over. Overwrites nothing.
 *
 * from     the original relay's file.
 * path     of the configuration; the others go beside it. NULL: control.yml
 *          in the state folder.
 * Returns  an exit code; what was done or went wrong has been said.
 */
int import_relay(const char *from, const char *path);

#endif
