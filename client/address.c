#include "client/address.h"

#include <string.h>

int
address_peer(struct url *ways, const char *text, struct fault *fault)
{
	const char *why;
	int n = url_parse(ways, URL_STACKS_MAX, text, &why);

	if (n == -1)
		return fault_set(fault, EXITCODE_USAGE,
		    "%.160s is not a tx3 address: %s", text, why);
	return n;
}

int
address_relay(struct url *relay, const char *text, struct fault *fault)
{
	struct url ways[URL_STACKS_MAX];
	int n = address_peer(ways, text, fault);

	if (n == -1)
		return -1;
	if (n != 1 || ways[0].kind != URL_RELAYED)
		return fault_set(fault, EXITCODE_USAGE,
		    "%.160s is not a relay's address: that is "
		    "tx3-rst://HOST:PORT/DIGEST or tx3:DIGEST/rst/HOST:PORT/",
		    text);
	*relay = ways[0];
	return 0;
}

int
address_host(char *host, uint16_t *port, const char *text, struct fault *fault)
{
	if (addr_split_host(text, strlen(text), host, port) == -1)
		return fault_set(fault, EXITCODE_USAGE,
		    "%.160s is not HOST:PORT (IPv6 goes in brackets, ports are "
		    "1 to 65535)",
		    text);
	return 0;
}

int
address_listen(
    char *host, uint16_t *port, const char *text, struct fault *fault)
{
	struct addr a;

	if (addr_parse(&a, text) == -1)
		return address_host(host, port, text, fault);
	addr_format_ip(&a, host);
	*port = a.port;
	return 0;
}
