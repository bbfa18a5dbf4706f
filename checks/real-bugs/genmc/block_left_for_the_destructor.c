/* Of two ways to take the first block only one leaves nothing behind for the channel's destructor. */
#include "parts.h"

static atomic_int tail, first_block;
static struct block memory;

static void *sender(void *none)
{
	add(&tail, 1, acq_rel);
	swap(&first_block, 1, acq_rel);
	return none;
}

static void *receiver(void *none)
{
	if (load(&tail, acquire) == 0)
		return none;
	if (swap(&first_block, 0, acq_rel) == 0) {
		while (load(&first_block, acquire) == 0)
			;
		if (IS_FIXED)
			swap(&first_block, 0, acq_rel);
	}
	free_block(&memory);
	return none;
}

int main(void)
{
	two(sender, receiver);
	if (load(&first_block, acquire) != 0)
		free_block(&memory);
	return 0;
}
