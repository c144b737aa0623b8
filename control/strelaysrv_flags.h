/*
 * strelaysrv_flags - the command line of Syncthing's own relay server, as far
 * as version 1.30 and its like: what each flag says, or its default.
 */
#ifndef CONTROL_STRELAYSRV_FLAGS_H
#define CONTROL_STRELAYSRV_FLAGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Texts are the command line's. */
struct strelaysrv_flags {
	const char *keys; /* a folder */
	const char *listen;
	const char *ext_address; /* "": as listen */
	const char *protocol;
	const char *status_srv; /* "": none */
	const char *pools;	/* "": none */
	const char *provided_by;
	const char *token;	  /* "": none */
	int64_t per_session_rate; /* bytes a second; 0 and below: no limit */
	int64_t global_rate;
	int64_t network_buffer;
	int64_t nat_lease;
	int64_t nat_renewal;
	int64_t nat_timeout;
	uint64_t message_timeout_ms;
	uint64_t network_timeout_ms;
	uint64_t ping_interval_ms;
	bool debug;
	bool nat;
	bool pprof;
	bool version;
	uint64_t given; /* by place in the table of flags */
};

/*
 * strelaysrv_flags_parse - read them as Go's flag package does: -flag value,
 * -flag=value, two dashes as well, and a bool without a value.
 *
 * f        out; the defaults where a flag was not given.
 * argv     n texts, borrowed by f.
 * what     out on failure: the argument that is wrong.
 * why      out on failure, static text.
 * Returns  0; -1.
 */
int strelaysrv_flags_parse(struct strelaysrv_flags *f, size_t n,
    char *const *argv, const char **what, const char **why);

/* strelaysrv_flags_has - whether that flag, one there is, was given. */
bool strelaysrv_flags_has(const struct strelaysrv_flags *f, const char *name);

#endif
