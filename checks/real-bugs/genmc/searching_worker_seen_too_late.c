/* Whoever schedules reads an old count of searching workers, and the worker that stops searching does not see the task. */
#include "parts.h"

static atomic_int searching = 1, queue;
static bool is_woken;

static void *worker(void *none)
{
	atomic_fetch_sub_explicit(&searching, 1, memory_order_seq_cst);
	if (load(&queue, acquire) != 0)
		swap(&queue, 2, acq_rel);
	return none;
}

static void *scheduler(void *none)
{
	swap(&queue, 1, release);
	is_woken = (IS_FIXED ? add(&searching, 0, seq_cst) : load(&searching, seq_cst)) == 0;
	return none;
}

int main(void)
{
	two(worker, scheduler);
	assert(is_woken || load(&queue, acquire) == 2);
	return 0;
}
