/*
 * What the C forms of kernels are made of. A form has the operations of the Rust kernel of the same name, in their order and
 * with their orderings; with FIXED it is the twin.
 */
#ifndef PARTS_H
#define PARTS_H

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#ifdef FIXED
#define IS_FIXED 1
#else
#define IS_FIXED 0
#endif

#define load(place, order) atomic_load_explicit(place, memory_order_##order)
#define store(place, value, order) atomic_store_explicit(place, value, memory_order_##order)
#define swap(place, value, order) atomic_exchange_explicit(place, value, memory_order_##order)
#define add(place, value, order) atomic_fetch_add_explicit(place, value, memory_order_##order)
#define or_bits(place, value, order) atomic_fetch_or_explicit(place, value, memory_order_##order)
#define and_bits(place, value, order) atomic_fetch_and_explicit(place, value, memory_order_##order)
#define fence(order) atomic_thread_fence(memory_order_##order)

/* Puts in `value` where `expected` is, and returns whether it was there. */
static inline bool exchange_if(atomic_int *place, int expected, int value)
{
	return atomic_compare_exchange_strong_explicit(place, &expected, value, memory_order_acq_rel, memory_order_acquire);
}

/* Memory: a touch and a free that nothing orders are a data race, and in the wrong order a failed assertion. */
struct block {
	bool is_freed;
};

static inline void touch(struct block *block)
{
	assert(!block->is_freed);
}

static inline void free_block(struct block *block)
{
	assert(!block->is_freed);
	block->is_freed = true;
}

/* Runs `first` in a thread of its own beside `second`, and returns when both have ended. */
static inline void two(void *(*first)(void *), void *(*second)(void *))
{
	pthread_t thread;

	pthread_create(&thread, NULL, first, NULL);
	second(NULL);
	pthread_join(thread, NULL);
}

#endif
