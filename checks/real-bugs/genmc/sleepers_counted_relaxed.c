/* A receiver counts itself and looks for a message, a sender pushes one and looks for sleepers, and nothing orders the pairs. */
#include "parts.h"

static atomic_int pushed, sleepers;
static bool wakes, sleeps;

static void *sender(void *none)
{
	store(&pushed, 1, release);
	if (IS_FIXED)
		fence(seq_cst);
	wakes = load(&sleepers, acquire) > 0;
	return none;
}

static void *receiver(void *none)
{
	add(&sleepers, 1, relaxed);
	if (IS_FIXED)
		fence(seq_cst);
	sleeps = load(&pushed, acquire) == 0;
	return none;
}

int main(void)
{
	two(sender, receiver);
	assert(!sleeps || wakes);
	return 0;
}
