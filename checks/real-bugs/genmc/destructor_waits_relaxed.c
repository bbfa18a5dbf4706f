/* A destructor waits for the end of a callback by relaxed loads, and destroys what the callback has used. */
#include "parts.h"

static atomic_int current = 1;
static int captured;

static void *stopper(void *none)
{
	captured = 1;
	if (IS_FIXED)
		store(&current, 0, release);
	else
		store(&current, 0, relaxed);
	return none;
}

static void *destructor(void *none)
{
	int running = IS_FIXED ? load(&current, acquire) : load(&current, relaxed);

	if (!running)
		captured = 2;
	return none;
}

int main(void)
{
	two(stopper, destructor);
	return 0;
}
