/* The destructor of a receiver meets a state that it does not know: the sender is taking the waker. */
#include "parts.h"

enum { RECEIVING, TAKING, MESSAGE, CLOSED };

static atomic_int state = RECEIVING;

static void *sender(void *none)
{
	if (exchange_if(&state, RECEIVING, TAKING))
		swap(&state, MESSAGE, acq_rel);
	return none;
}

static void *receiver(void *none)
{
	if (IS_FIXED) {
		for (;;) {
			int seen = load(&state, acquire);

			if (seen != TAKING && exchange_if(&state, seen, CLOSED))
				return none;
		}
	}
	assert(swap(&state, CLOSED, acq_rel) != TAKING);
	return none;
}

int main(void)
{
	two(sender, receiver);
	return 0;
}
