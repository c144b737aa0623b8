/*
 * exitcode - the exit status of every command: scripts rely on the numbers.
 */
#ifndef COMMON_EXITCODE_H
#define COMMON_EXITCODE_H

enum exitcode {
	EXITCODE_OK = 0,
	EXITCODE_USAGE = 2,		/* the command line is wrong */
	EXITCODE_CONFIG = 3,		/* a configuration or identity is */
	EXITCODE_RELAY_NOT_REACHED = 4, /* no connection to it was had */
	EXITCODE_RELAY_KEY = 5,		/* the relay's key is not the URL's */
	EXITCODE_NOBODY = 6,   /* nobody answers there, or refuses us */
	EXITCODE_PEER_KEY = 7, /* the peer's key is not the URL's */
	/* a limit was reached: a drain's time. tx3's relays close at theirs
	 * without saying so, thus that is EXITCODE_NOBODY */
	EXITCODE_LIMIT = 8,
	EXITCODE_TRY_AGAIN = 75 /* it may work later; EX_TEMPFAIL */
};

#endif
