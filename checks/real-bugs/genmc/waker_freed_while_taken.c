/* A receiver that goes away overwrites the sender's claim, mistakes its own mark for the sender's, and frees. */
#include "parts.h"

enum { RECEIVING, TAKING, MESSAGE, CLOSED };

static atomic_int state = RECEIVING;
static struct block channel;

static void *sender(void *none)
{
	if (swap(&state, TAKING, acq_rel) == CLOSED) {
		free_block(&channel);
	} else {
		touch(&channel);
		swap(&state, MESSAGE, acq_rel);
	}
	return none;
}

static int close_channel(void)
{
	if (!IS_FIXED)
		return swap(&state, CLOSED, acq_rel);
	for (;;) {
		int seen = load(&state, acquire);

		if (seen != TAKING && exchange_if(&state, seen, CLOSED))
			return seen;
	}
}

static void *receiver(void *none)
{
	int before = close_channel();

	if (before == TAKING) {
		while (load(&state, acquire) == TAKING)
			;
	}
	if (before != RECEIVING)
		free_block(&channel);
	return none;
}

int main(void)
{
	two(sender, receiver);
	assert(channel.is_freed);
	return 0;
}
