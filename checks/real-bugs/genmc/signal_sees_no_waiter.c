/* A signal counts itself and sees no waiter, a waiter counts itself and sees no signal. */
#include "parts.h"

static atomic_int signals, waiters;
static bool wakes, sleeps;

static void *signaler(void *none)
{
	add(&signals, 2, release);
	if (IS_FIXED)
		fence(seq_cst);
	wakes = load(&waiters, relaxed) > 0;
	return none;
}

static void *waiter(void *none)
{
	add(&waiters, 1, relaxed);
	if (IS_FIXED)
		fence(seq_cst);
	sleeps = load(&signals, acquire) == 0;
	return none;
}

int main(void)
{
	two(signaler, waiter);
	assert(!sleeps || wakes);
	return 0;
}
