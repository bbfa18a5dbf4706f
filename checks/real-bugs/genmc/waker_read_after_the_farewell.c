/* A receiver says that it is gone, and reads its waker afterwards out of memory that the sender frees. */
#include "parts.h"

enum { RECEIVING, EMPTY, MESSAGE, CLOSED };

static atomic_int state = RECEIVING;
static struct block channel;

static void *sender(void *none)
{
	if (swap(&state, MESSAGE, acq_rel) == CLOSED)
		free_block(&channel);
	return none;
}

static void *receiver(void *none)
{
	int before;

	if (IS_FIXED && exchange_if(&state, RECEIVING, EMPTY))
		touch(&channel);
	before = swap(&state, CLOSED, acq_rel);
	if (before == MESSAGE)
		free_block(&channel);
	else if (before == RECEIVING)
		touch(&channel);
	return none;
}

int main(void)
{
	two(sender, receiver);
	assert(channel.is_freed);
	return 0;
}
