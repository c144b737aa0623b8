#include "proto/addr.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static const uint8_t V4_MAPPED[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool
addr_is_v4(const struct addr *a)
{
	return memcmp(a->ip, V4_MAPPED, sizeof V4_MAPPED) == 0;
}

bool
addr_is_unspecified(const struct addr *a)
{
	static const uint8_t zero[16];

	if (addr_is_v4(a))
		return memcmp(a->ip + 12, zero, 4) == 0;
	return memcmp(a->ip, zero, 16) == 0;
}

bool
addr_is_loopback(const struct addr *a)
{
	static const uint8_t one[16] = {[15] = 1};

	if (addr_is_v4(a))
		return a->ip[12] == 127;
	return memcmp(a->ip, one, 16) == 0;
}

bool
addr_is_link_local(const struct addr *a)
{
	if (addr_is_v4(a))
		return a->ip[12] == 169 && a->ip[13] == 254;
	return a->ip[0] == 0xfe && (a->ip[1] & 0xc0) == 0x80;
}

bool
addr_is_private(const struct addr *a)
{
	const uint8_t *v4 = a->ip + 12;

	if (!addr_is_v4(a))
		return (a->ip[0] & 0xfe) == 0xfc;
	return v4[0] == 10 || (v4[0] == 172 && (v4[1] & 0xf0) == 16) ||
	       (v4[0] == 192 && v4[1] == 168) ||
	       (v4[0] == 100 && (v4[1] & 0xc0) == 64);
}

bool
addr_equal(const struct addr *a, const struct addr *b)
{
	return memcmp(a->ip, b->ip, 16) == 0 && a->port == b->port;
}

static void
set_v4(struct addr *a, const struct in_addr *in)
{
	memcpy(a->ip, V4_MAPPED, sizeof V4_MAPPED);
	memcpy(a->ip + 12, in, 4);
}

int
addr_from_sockaddr(struct addr *a, const struct sockaddr *sa)
{
	struct sockaddr_in in;
	struct sockaddr_in6 in6;

	memset(a, 0, sizeof *a);
	switch (sa->sa_family) {
	case AF_INET:
		memcpy(&in, sa, sizeof in);
		set_v4(a, &in.sin_addr);
		a->port = ntohs(in.sin_port);
		return 0;
	case AF_INET6:
		memcpy(&in6, sa, sizeof in6);
		memcpy(a->ip, &in6.sin6_addr, 16);
		a->port = ntohs(in6.sin6_port);
		return 0;
	default:
		return -1;
	}
}

socklen_t
addr_to_sockaddr(const struct addr *a, struct sockaddr_storage *ss)
{
	struct sockaddr_in in = {.sin_family = AF_INET};
	struct sockaddr_in6 in6 = {.sin6_family = AF_INET6};

	memset(ss, 0, sizeof *ss);
	if (addr_is_v4(a)) {
		memcpy(&in.sin_addr, a->ip + 12, 4);
		in.sin_port = htons(a->port);
		memcpy(ss, &in, sizeof in);
		return sizeof in;
	}
	memcpy(&in6.sin6_addr, a->ip, 16);
	in6.sin6_port = htons(a->port);
	memcpy(ss, &in6, sizeof in6);
	return sizeof in6;
}

int
addr_parse_port(const char *text, size_t len, uint16_t *port)
{
	uint32_t v = 0;

	if (len < 1 || len > 5 || (len > 1 && text[0] == '0'))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (text[i] < '0' || text[i] > '9')
			return -1;
		v = v * 10 + (uint32_t)(text[i] - '0');
	}
	if (v > UINT16_MAX)
		return -1;
	*port = (uint16_t)v;
	return 0;
}

/* Where the host is inside "HOST:PORT", and where the port begins. */
static int
find_host(const char *text, size_t len, const char **host, size_t *host_len,
    const char **port)
{
	const char *end;

	if (len > 0 && text[0] == '[') {
		end = memchr(text, ']', len);
		if (end == NULL || (size_t)(end - text) + 2 > len ||
		    end[1] != ':')
			return -1;
		*host = text + 1;
		*host_len = (size_t)(end - text) - 1;
		*port = end + 2;
		return 0;
	}
	end = memchr(text, ':', len);
	if (end == NULL)
		return -1;
	*host = text;
	*host_len = (size_t)(end - text);
	*port = end + 1;
	return 0;
}

int
addr_parse(struct addr *a, const char *text)
{
	size_t len = strlen(text);
	const char *host, *port;
	size_t host_len;
	char ip[INET6_ADDRSTRLEN];
	struct in_addr in;
	struct addr out = {0};

	if (find_host(text, len, &host, &host_len, &port) == -1 ||
	    host_len >= sizeof ip ||
	    addr_parse_port(port, len - (size_t)(port - text), &out.port) == -1)
		return -1;
	memcpy(ip, host, host_len);
	ip[host_len] = '\0';
	if (text[0] == '[') {
		if (inet_pton(AF_INET6, ip, out.ip) != 1)
			return -1;
	} else {
		if (inet_pton(AF_INET, ip, &in) != 1)
			return -1;
		set_v4(&out, &in);
	}
	*a = out;
	return 0;
}

const char *
addr_format_ip(const struct addr *a, char *buf)
{
	if (addr_is_v4(a))
		inet_ntop(AF_INET, a->ip + 12, buf, ADDR_TEXT_CAP);
	else
		inet_ntop(AF_INET6, a->ip, buf, ADDR_TEXT_CAP);
	return buf;
}

const char *
addr_format(const struct addr *a, char *buf)
{
	char ip[ADDR_TEXT_CAP];

	(void)snprintf(buf, ADDR_TEXT_CAP, addr_is_v4(a) ? "%s:%u" : "[%s]:%u",
	    addr_format_ip(a, ip), (unsigned)a->port);
	return buf;
}

struct addr
addr_source(const struct addr *a)
{
	struct addr source = *a;

	source.port = 0;
	if (!addr_is_v4(a))
		memset(source.ip + 8, 0, 8);
	return source;
}

static bool
is_name_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

int
addr_split_host(const char *text, size_t len, char *host, uint16_t *port)
{
	const char *h, *p;
	size_t h_len;
	uint16_t n;
	char literal[INET6_ADDRSTRLEN];
	struct in6_addr in6;

	if (find_host(text, len, &h, &h_len, &p) == -1 || h_len == 0 ||
	    h_len > ADDR_HOST_MAX ||
	    addr_parse_port(p, len - (size_t)(p - text), &n) == -1 || n == 0)
		return -1;
	if (text[0] == '[') {
		if (h_len >= sizeof literal)
			return -1;
		memcpy(literal, h, h_len);
		literal[h_len] = '\0';
		if (inet_pton(AF_INET6, literal, &in6) != 1)
			return -1;
	} else {
		for (size_t i = 0; i < h_len; i++)
			if (!is_name_byte(h[i]))
				return -1;
	}
	memcpy(host, h, h_len);
	host[h_len] = '\0';
	*port = n;
	return 0;
}

const char *
addr_join_host(const char *host, uint16_t port, char *buf)
{
	bool v6 = strchr(host, ':') != NULL;

	(void)snprintf(buf, ADDR_JOINED_CAP, v6 ? "[%s]:%u" : "%s:%u", host,
	    (unsigned)port);
	return buf;
}

void
addr_get(struct wire_reader *r, struct addr *a)
{
	wire_get_bytes(r, a->ip, sizeof a->ip);
	a->port = wire_get_u16(r);
}

void
addr_put(struct wire_writer *w, const struct addr *a)
{
	wire_put_bytes(w, a->ip, sizeof a->ip);
	wire_put_u16(w, a->port);
}
