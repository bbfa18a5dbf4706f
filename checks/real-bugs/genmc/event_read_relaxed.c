/* A result is announced by an event that its reader reads relaxed. */
#include "parts.h"

enum { PAYLOAD = 1 };

static atomic_int event;
static int result;

static void *setter(void *none)
{
	result = 7;
	or_bits(&event, PAYLOAD, acq_rel);
	return none;
}

static void *taker(void *none)
{
	int seen = IS_FIXED ? load(&event, acquire) : load(&event, relaxed);

	if (seen & PAYLOAD) {
		assert(result == 7);
		result = 0;
	}
	return none;
}

int main(void)
{
	two(setter, taker);
	return 0;
}
