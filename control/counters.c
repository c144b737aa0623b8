#include "control/counters.h"

struct row {
	const char *name;
	const char *help;
};

#define ROW(id, name, help) {name, help},
static const struct row REFUSALS[] = {REFUSAL_TABLE(ROW)};
static const struct row STREAM_ENDS[] = {STREAM_END_TABLE(ROW)};
static const struct row CALL_ENDS[] = {CALL_END_TABLE(ROW)};
static const struct row EVENT_DROPS[] = {EVENT_DROP_TABLE(ROW)};
static const struct row COUNTS[] = {COUNT_TABLE(ROW)};
#undef ROW

const char *
refusal_name(unsigned v)
{
	return v < REFUSAL_COUNT ? REFUSALS[v].name : "unknown";
}

static const char *
refusal_help(unsigned v)
{
	return REFUSALS[v].help;
}

const char *
stream_end_name(unsigned v)
{
	return v < STREAM_END_COUNT ? STREAM_ENDS[v].name : "unknown";
}

const char *
stream_end_help(unsigned v)
{
	return v < STREAM_END_COUNT ? STREAM_ENDS[v].help : "";
}

const char *
call_end_name(unsigned v)
{
	return v < CALL_END_COUNT ? CALL_ENDS[v].name : "unknown";
}

static const char *
call_end_help(unsigned v)
{
	return CALL_ENDS[v].help;
}

const char *
event_drop_name(unsigned v)
{
	return v < EVENT_DROP_COUNT ? EVENT_DROPS[v].name : "unknown";
}

static const char *
event_drop_help(unsigned v)
{
	return EVENT_DROPS[v].help;
}

static const char *
count_name(unsigned v)
{
	return COUNTS[v].name;
}

static const char *
count_help(unsigned v)
{
	return COUNTS[v].help;
}

const struct counter_family COUNTER_FAMILIES[] = {
    {"refused_total", "reason", "connections not let in",
	offsetof(struct counters, refused), REFUSAL_COUNT, refusal_name,
	refusal_help},
    {"streams_ended_total", "reason",
	"control streams and handshakes that ended",
	offsetof(struct counters, streams_ended), STREAM_END_COUNT,
	stream_end_name, stream_end_help},
    {"calls_ended_total", "reason", "calls that ended, paired or not",
	offsetof(struct counters, calls_ended), CALL_END_COUNT, call_end_name,
	call_end_help},
    {"pairs_ended_total", "reason", "pairs that ended, as nodes reported",
	offsetof(struct counters, pairs_ended), REASON_COUNT, reason_name,
	reason_help},
    {"events_dropped_total", "reason", "events from nodes not believed",
	offsetof(struct counters, events_dropped), EVENT_DROP_COUNT,
	event_drop_name, event_drop_help},
    {"counts", NULL, NULL, offsetof(struct counters, counts), COUNT_COUNT,
	count_name, count_help},
};
const size_t N_COUNTER_FAMILIES =
    sizeof COUNTER_FAMILIES / sizeof COUNTER_FAMILIES[0];

uint64_t
counter_value(
    const struct counters *k, const struct counter_family *f, size_t row)
{
	const char *base = (const char *)k + f->offset;

	return ((const uint64_t *)(const void *)base)[row];
}
