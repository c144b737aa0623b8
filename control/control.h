/*
 * control - the root of carrick-control: every module's state, passed along,
 * so that there is no global.
 */
#ifndef CONTROL_CONTROL_H
#define CONTROL_CONTROL_H

#include <stdint.h>

#include "common/loop.h"
#include "common/networks.h"
#include "common/nnlink.h"
#include "control/budget.h"
#include "control/call.h"
#include "control/config.h"
#include "control/counters.h"
#include "control/early.h"
#include "control/frontend.h"
#include "control/hop.h"
#include "control/identities.h"
#include "control/linger.h"
#include "control/nodes.h"
#include "control/pairs.h"
#include "control/publish.h"
#include "control/refuse.h"
#include "control/registry.h"
#include "control/seals.h"
#include "control/stream.h"
#include "control/syncthing.h"
#include "control/ticket.h"
#include "control/token.h"
#include "control/traffic.h"

struct admin;
struct syncthing_status;

struct control {
	struct config config;
	struct loop *loop;
	struct identities identities;
	uint64_t started_ms;
	struct counters counters;
	struct networks trusted_proxies;
	struct refusals refusals;
	struct frontends frontends;
	struct budget budget;
	struct pairs pairs;
	struct registry registry;
	struct calls calls;
	struct early early;
	struct tokens tokens;
	struct tickets tickets;
	struct hops hops;
	struct streams streams;
	struct lingers lingers;
	struct nodes nodes;
	struct seals seals;
	struct nnlink_in *events;
	struct publish publish;
	struct syncthing syncthing;
	struct traffic traffic;
	struct admin *admin;
	struct syncthing_status *syncthing_status; /* NULL: it is off */
};

#endif
