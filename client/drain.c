#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "client/admin.h"
#include "client/command.h"
#include "client/drain_wait.h"
#include "common/clock.h"
#include "proto/ipc.h"

struct drain_args {
	const char *socket;
	uint32_t timeout_s;
	bool now;
	bool wait;
	const char *node;
};

static int
check_args(const struct drain_args *args, struct fault *fault)
{
	if (args->now && args->timeout_s != 0)
		return fault_set(fault, EXITCODE_USAGE,
		    "--now and --timeout are two times for one drain");
	if (!ipc_name_is_valid(args->node))
		return fault_set(fault, EXITCODE_USAGE,
		    "no node is called \"%.80s\": names have a-z 0-9 . _ -; "
		    "carrick status shows them",
		    args->node);
	return 0;
}

/* What control is asked for: a node, and a time if there is one. */
static void
make_path(char *path, size_t cap, const struct drain_args *args)
{
	uint64_t timeout_ms = args->now ? 0 : args->timeout_s * UINT64_C(1000);

	if (args->now || args->timeout_s != 0)
		(void)snprintf(path, cap, "/nodes/%s/drain?timeout_ms=%" PRIu64,
		    args->node, timeout_ms);
	else
		(void)snprintf(path, cap, "/nodes/%s/drain", args->node);
}

static int
tell(const struct drain_args *args, struct fault *fault)
{
	char path[128];
	size_t len;
	char *body;

	make_path(path, sizeof path, args);
	body = admin_ask("POST", args->socket, path, &len, fault);
	if (body == NULL)
		return -1;
	(void)fwrite(body, 1, len, stdout); /* main looks for errors */
	(void)fflush(stdout);		    /* before what is waited for */
	free(body);
	return 0;
}

/* NULL with a fault. */
static json_t *
ask_status(const struct drain_args *args, struct fault *fault)
{
	size_t len;
	char *body = admin_ask("GET", args->socket, "/status", &len, fault);
	json_t *status;

	if (body == NULL)
		return NULL;
	status = json_loadb(body, len, 0, NULL);
	free(body);
	if (status == NULL)
		(void)fault_set(fault, EXITCODE_TRY_AGAIN,
		    "the control daemon's answer is no status");
	return status;
}

/* Control may be restarted meanwhile: it is asked again for as long. */
static enum drain_answer
await(struct drain_wait *w, const struct drain_args *args, struct fault *fault)
{
	const struct timespec pause = {
	    .tv_nsec = DRAIN_WAIT_POLL_MS * 1000000L};
	enum drain_answer answer = DRAIN_GOES_ON;

	while (answer == DRAIN_GOES_ON) {
		json_t *status = ask_status(args, fault);
		uint64_t now_ms = clock_now_ms();

		if (status != NULL) {
			answer = drain_wait_look(w, status, now_ms);
			drain_wait_tell(w, now_ms, stderr);
		} else if (now_ms >= w->until_ms) {
			break;
		}
		json_decref(status);
		if (answer == DRAIN_GOES_ON)
			(void)nanosleep(&pause, NULL);
	}
	return answer;
}

/* fault says already what is, if control is not reached. */
static int
judge(const struct drain_wait *w, enum drain_answer answer, bool now,
    struct fault *fault)
{
	switch (answer) {
	case DRAIN_GOES_ON:
		return -1;
	case DRAIN_ENDED:
		(void)printf("%s has ended; pairs cut: %" JSON_INTEGER_FORMAT
			     "\n",
		    w->node, w->n_cut);
		if (w->n_cut == 0 || now)
			return 0;
		return fault_set(fault, EXITCODE_LIMIT,
		    "the time of %s was over before all its pairs had ended",
		    w->node);
	case DRAIN_LOST:
		return fault_set(fault, EXITCODE_NOBODY,
		    "%s is gone, and control heard no goodbye of it: was it "
		    "killed?",
		    w->node);
	case DRAIN_OVERDUE:
		break;
	}
	return fault_set(fault, EXITCODE_TRY_AGAIN,
	    "%s should have ended by now%s", w->node,
	    w->seen.is_heard ? ": look at its log"
			     : ", and control hears nothing of it");
}

static int
tell_and_wait(const struct drain_args *args, struct fault *fault)
{
	json_t *status = ask_status(args, fault);
	struct drain_wait w;

	if (status == NULL)
		return -1;
	drain_wait_begin(
	    &w, args->node, status, args->timeout_s, clock_now_ms());
	json_decref(status);
	if (tell(args, fault) == -1)
		return -1;
	return judge(&w, await(&w, args, fault), args->now, fault);
}

static int
run(const void *p)
{
	const struct drain_args *args = p;
	struct fault fault;
	int r = check_args(args, &fault);

	if (r == 0)
		r = args->wait ? tell_and_wait(args, &fault)
			       : tell(args, &fault);
	return r == 0 ? EXITCODE_OK : fault_report(&fault, "drain");
}

static const struct command_arg ARGS[] = {
    {"--timeout", "S", COMMAND_NUMBER, offsetof(struct drain_args, timeout_s),
	1, IPC_DRAIN_MAX_MS / 1000,
	"until what is left is cut; default: the node's drain_timeout_ms"},
    {"--now", NULL, COMMAND_FLAG, offsetof(struct drain_args, now), 0, 0,
	"cut at once"},
    {"--wait", NULL, COMMAND_FLAG, offsetof(struct drain_args, wait), 0, 0,
	"until the node has ended"},
    {"--socket", "PATH", COMMAND_TEXT, offsetof(struct drain_args, socket), 0,
	0, "control's admin socket; default: admin.sock in its run folder"},
    {NULL, "NODE", COMMAND_OPERAND, offsetof(struct drain_args, node), 0, 0,
	"its name, as carrick status shows it"},
    {NULL, NULL, COMMAND_OPERAND, 0, 0, 0, NULL},
};

const struct command COMMAND_DRAIN = {
    "drain",
    "Have a splice node end without breaking what runs over it.",
    "The node lets in nobody new, its clients come back over other nodes, and\n"
    "its pairs run to their end, or are cut when the time is over. Then its\n"
    "process ends. Given again, the command sets another time. SIGTERM at the\n"
    "node's process does the same, a second one cuts at once.\n"
    "\n"
    "The command does not wait for any of that: carrick status shows how far "
    "it\n"
    "is. With --wait it says so on standard error until the node has ended, "
    "or\n"
    "10 s after its time is over, and its exit status is\n"
    "  0   the node has ended (with --now: whatever it had to cut)\n"
    "  8   it has ended, but pairs were cut since the time was over\n"
    "  6   it is gone without a goodbye: killed, or its host is\n"
    "  75  it is still there, or nobody knows\n"
    "  4   control is not there to ask any longer\n"
    "To interrupt the waiting ends no drain.\n",
    ARGS,
    sizeof(struct drain_args),
    run,
};
