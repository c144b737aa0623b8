/*
 * addr - an IP address and port, in the one form that everything here uses:
 * 16 bytes of IPv6, IPv4 as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). The place
 * where v4-mapped addresses are normalised, and brackets put into text.
 *
 * Pure: no descriptor, no heap, no log, no name resolution.
 */
#ifndef PROTO_ADDR_H
#define PROTO_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "proto/wire.h"

/* "[" + INET6_ADDRSTRLEN (46, with its NUL) + "]:65535" */
#define ADDR_TEXT_CAP 56

/* A host name or literal: RFC 1035 2.3.4 allows 253 visible bytes. */
#define ADDR_HOST_MAX 253
#define ADDR_HOST_CAP (ADDR_HOST_MAX + 1)

struct addr {
	uint8_t ip[16];
	uint16_t port; /* host order */
};

/* addr_is_v4 - whether it is an IPv4 address in its mapped form. */
bool addr_is_v4(const struct addr *a);

/* addr_is_unspecified - 0.0.0.0 or ::. */
bool addr_is_unspecified(const struct addr *a);

/* addr_is_loopback - 127.0.0.0/8 or ::1. */
bool addr_is_loopback(const struct addr *a);

/* addr_is_private - of networks that are not the Internet's: RFC 1918's, RFC
 * 6598's 100.64.0.0/10, fc00::/7. */
bool addr_is_private(const struct addr *a);

/* addr_is_link_local - 169.254.0.0/16 or fe80::/10. */
bool addr_is_link_local(const struct addr *a);

/* addr_equal - the same address and port. */
bool addr_equal(const struct addr *a, const struct addr *b);

/* addr_from_sockaddr - take over an AF_INET or AF_INET6 address.
 * Returns 0; -1 for another family (AF_UNIX), *a is then all zeros. */
int addr_from_sockaddr(struct addr *a, const struct sockaddr *sa);

/* addr_to_sockaddr - fill ss for connect/bind: AF_INET for a mapped address,
 * else AF_INET6. Returns the length to pass along. */
socklen_t addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *ss);

/* addr_parse - "1.2.3.4:7443" or "[::1]:7443"; literals only, nothing may
 * follow, port 0..65535 in plain decimal.
 * Returns 0; -1 if it is anything else (*a untouched). */
int addr_parse(struct addr *a, const char *text);

/* addr_parse_port - plain decimal 0..65535, no sign, no leading zero.
 * Returns 0; -1 if it is anything else (*port untouched). */
int addr_parse_port(const char *text, size_t len, uint16_t *port);

/* addr_format - the form that addr_parse reads. buf has ADDR_TEXT_CAP bytes.
 * Returns buf. */
const char *addr_format(const struct addr *a, char *buf);

/* addr_format_ip - the address alone, IPv6 without brackets. Returns buf. */
const char *addr_format_ip(const struct addr *a, char *buf);

/* addr_source - the network that per-source limits count: IPv4 whole (/32),
 * IPv6 its first 64 bits; port 0. */
struct addr addr_source(const struct addr *a);

/* addr_split_host - "HOST:PORT" or "[V6]:PORT" for names as well as literals.
 * host     out; ADDR_HOST_CAP bytes; without brackets.
 * port     out; 1..65535.
 * Returns  0; -1 (neither written) when malformed: empty or over-long host,
 *          bytes outside letters, digits, ".-_" (or, inside brackets, a valid
 *          IPv6 literal), a port that is missing, 0 or above 65535, with a
 *          sign or leading zeros, or trailing bytes.
 */
int addr_split_host(const char *text, size_t len, char *host, uint16_t *port);

/* addr_join_host - the text that addr_split_host reads, brackets where host
 * has a colon. buf has ADDR_HOST_CAP + 8 bytes. Returns buf. */
const char *addr_join_host(const char *host, uint16_t port, char *buf);
#define ADDR_JOINED_CAP (ADDR_HOST_CAP + 8)

/* addr_get, addr_put - 16 bytes of address, then the port. */
void addr_get(struct wire_reader *r, struct addr *a);
void addr_put(struct wire_writer *w, const struct addr *a);

#endif
