/*
 * node_key - carrick-control node-key: the key that a splice node on another
 * host proves itself with.
 */
#ifndef CONTROL_NODE_KEY_H
#define CONTROL_NODE_KEY_H

/*
 * node_key_print - print the link key file of the node called name.
 *
 * path     of control.yml, which names the cluster key; NULL: the defaults.
 * Returns  an exit code; what went wrong has been said.
 */
int node_key_print(const char *name, const char *path);

#endif
