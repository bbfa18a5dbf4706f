/* A writer counts no readers, since nothing orders the count of a reader before its look at the node. */
#include "parts.h"

static atomic_int readers, current;
static struct block nodes[2];

static void *reader(void *none)
{
	add(&readers, 1, relaxed);
	if (IS_FIXED)
		fence(seq_cst);
	touch(&nodes[load(&current, acquire)]);
	if (IS_FIXED)
		atomic_fetch_sub_explicit(&readers, 1, memory_order_release);
	else
		atomic_fetch_sub_explicit(&readers, 1, memory_order_relaxed);
	return none;
}

static void *writer(void *none)
{
	int old = swap(&current, 1, acq_rel);

	if (IS_FIXED)
		fence(seq_cst);
	if (load(&readers, relaxed) == 0) {
		fence(acquire);
		free_block(&nodes[old]);
	}
	return none;
}

int main(void)
{
	two(reader, writer);
	return 0;
}
