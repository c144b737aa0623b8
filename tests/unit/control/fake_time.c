#include "tests/unit/control/fake_time.h"

#include <check.h>
#include <string.h>

#include "common/loop.h"

static struct {
	uint64_t now_ms;
	struct deadline_queue deadlines;
	loop_fn *deferred[64];
	void *deferred_arg[64];
	size_t n_deferred;
} fake;

/* What the linker puts in the place of the real ones. */
uint64_t __wrap_loop_now_ms(struct loop *l);
int __wrap_loop_arm(struct loop *l, struct deadline *d, uint64_t in_ms);
void __wrap_loop_disarm(struct loop *l, struct deadline *d);
int __wrap_loop_defer(struct loop *l, loop_fn *fn, void *arg);

uint64_t
__wrap_loop_now_ms(struct loop *l)
{
	(void)l;
	return fake.now_ms;
}

int
__wrap_loop_arm(struct loop *l, struct deadline *d, uint64_t in_ms)
{
	(void)l;
	return deadline_arm(&fake.deadlines, d, fake.now_ms + in_ms);
}

void
__wrap_loop_disarm(struct loop *l, struct deadline *d)
{
	(void)l;
	deadline_disarm(&fake.deadlines, d);
}

int
__wrap_loop_defer(struct loop *l, loop_fn *fn, void *arg)
{
	(void)l;
	ck_assert_uint_lt(fake.n_deferred, 64);
	fake.deferred[fake.n_deferred] = fn;
	fake.deferred_arg[fake.n_deferred++] = arg;
	return 0;
}

void
fake_time_begin(void)
{
	memset(&fake, 0, sizeof fake);
	fake.now_ms = 1000000;
	deadline_queue_init(&fake.deadlines);
}

void
fake_time_end(void)
{
	deadline_queue_fini(&fake.deadlines);
}

uint64_t
fake_now_ms(void)
{
	return fake.now_ms;
}

void
fake_turn(void)
{
	for (size_t i = 0; i < fake.n_deferred; i++)
		fake.deferred[i](fake.deferred_arg[i]);
	fake.n_deferred = 0;
}

/* In steps, as a timer would, so that beats come in between. */
void
fake_advance(struct control *c, uint64_t ms)
{
	(void)c;
	for (uint64_t end = fake.now_ms + ms; fake.now_ms < end;) {
		uint64_t step = end - fake.now_ms;

		fake.now_ms += step < 50 ? step : 50;
		(void)deadline_run(&fake.deadlines, fake.now_ms);
		fake_turn();
	}
}
