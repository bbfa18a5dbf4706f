// Records what io_uring does: gcc -O2 -pthread io_uring.c, and then
//     (./a.out about; ./a.out | sort | uniq -c | sed 's/^ *//') > io_uring.histories
//     (./a.out about; ./a.out deferred | sort | uniq -c | sed 's/^ *//') > io_uring_deferred.histories
//
// Thread 0 submits a read of an empty pipe, which is its mark. Thread 1 cancels it, by IORING_REGISTER_SYNC_CANCEL or, where completions are
// deferred to the submitting task, thread 0 does so by IORING_OP_ASYNC_CANCEL. Thread 2 writes into the pipe. Every event takes a number from one
// counter: a call before it is made, an answer after it came. A read that ends as canceled is the callback, seen by thread 0, or by thread 3 that
// stands for the task's own work. One that ends with a byte is the completion of thread 3: it begins before the write and has ended when it is seen.
#include <errno.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

enum { EACH = 12000, READ = 1, CANCEL = 2 };

struct event { unsigned long at; const char *text; };
static atomic_ulong now;
static struct event events[64];
static atomic_int count;
static pthread_barrier_t gate;
static int ring, ends[2], cancels, is_deferred;
static struct io_uring_sqe *entries;
static unsigned *tail, *mask, *array, *completed_head, *completed_tail, *completed_mask;
static struct io_uring_cqe *completions;

static void note_at(unsigned long at, const char *text) { events[count++] = (struct event){at, text}; }
static void note(const char *text) { note_at(now++, text); }
static void rest(unsigned draw) { for (unsigned turns = draw % 5; turns > 0; --turns) sched_yield(); }
static unsigned draw(unsigned i, unsigned of) { return (i * 2654435761u + of * 40503u) >> 7; }

static void set_up(void) {
    struct io_uring_params p = {0};
    if (is_deferred) p.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN;
    ring = syscall(SYS_io_uring_setup, 8, &p);
    if (ring < 0) { perror("io_uring_setup"); exit(1); }
    char *sq = mmap(0, p.sq_off.array + p.sq_entries * sizeof(unsigned), 3, MAP_SHARED, ring, IORING_OFF_SQ_RING);
    char *cq = mmap(0, p.cq_off.cqes + p.cq_entries * sizeof *completions, 3, MAP_SHARED, ring, IORING_OFF_CQ_RING);
    entries = mmap(0, p.sq_entries * sizeof *entries, 3, MAP_SHARED, ring, IORING_OFF_SQES);
    tail = (void *)(sq + p.sq_off.tail), mask = (void *)(sq + p.sq_off.ring_mask), array = (void *)(sq + p.sq_off.array);
    completed_head = (void *)(cq + p.cq_off.head), completed_tail = (void *)(cq + p.cq_off.tail);
    completed_mask = (void *)(cq + p.cq_off.ring_mask), completions = (void *)(cq + p.cq_off.cqes);
}

static void submit(struct io_uring_sqe entry) {
    unsigned at = *tail & *mask;
    entries[at] = entry, array[at] = at;
    __atomic_store_n(tail, *tail + 1, __ATOMIC_RELEASE);
    syscall(SYS_io_uring_enter, ring, 1, 0, 0, 0, 0);
}

// The next completion, for which it waits.
static void next(unsigned long *of, int *result) {
    while (*completed_head == __atomic_load_n(completed_tail, __ATOMIC_ACQUIRE))
        syscall(SYS_io_uring_enter, ring, 0, 1, IORING_ENTER_GETEVENTS, 0, 0);
    struct io_uring_cqe *one = &completions[*completed_head & *completed_mask];
    *of = one->user_data, *result = one->res;
    __atomic_store_n(completed_head, *completed_head + 1, __ATOMIC_RELEASE);
}

static void *canceler(void *unused) {
    for (unsigned i = 0; i < EACH; ++i) {
        pthread_barrier_wait(&gate);
        if (!is_deferred && cancels) {
            struct io_uring_sync_cancel_reg of = {.addr = READ, .fd = -1, .timeout = {-1, -1}};
            rest(draw(i, 1));
            note("1:cancel");
            int answer = syscall(SYS_io_uring_register, ring, IORING_REGISTER_SYNC_CANCEL, &of, 1);
            note(answer == 0 ? "1=claimed" : "1=not-claimed");
        }
        pthread_barrier_wait(&gate);
        pthread_barrier_wait(&gate);
    }
    return unused;
}

static atomic_ulong wrote;

static void *writer(void *unused) {
    for (unsigned i = 0; i < EACH; ++i) {
        pthread_barrier_wait(&gate);
        rest(draw(i, 2));
        wrote = now++;
        if (write(ends[1], "x", 1) != 1) exit(2);
        pthread_barrier_wait(&gate);
        pthread_barrier_wait(&gate);
    }
    return unused;
}

static int earlier(const void *a, const void *b) {
    const struct event *x = a, *y = b;
    return x->at < y->at ? -1 : x->at > y->at;
}

static void play(unsigned i) {
    char byte;
    rest(draw(i, 0));
    note("0:mark");
    submit((struct io_uring_sqe){.opcode = IORING_OP_READ, .fd = ends[0], .addr = (unsigned long)&byte, .len = 1, .user_data = READ});
    note("0=marked");
    int awaited = 1;
    if (is_deferred && cancels) {
        rest(draw(i, 3));
        note("0:cancel");
        submit((struct io_uring_sqe){.opcode = IORING_OP_ASYNC_CANCEL, .addr = READ, .fd = -1, .user_data = CANCEL});
        awaited = 2;
    }
    int result = 0;
    unsigned long seen = 0;
    for (; awaited > 0; --awaited) {
        unsigned long of;
        int ended;
        next(&of, &ended);
        if (of == CANCEL) { note(ended == 0 ? "0=claimed" : "0=not-claimed"); continue; }
        result = ended, seen = now++;
    }
    pthread_barrier_wait(&gate);
    if (result == 1) note_at(wrote, "3:complete"), note_at(seen, "3=completed");
    else if (result == -ECANCELED) note_at(seen, is_deferred ? "3>1 3<1" : "0>1 0<1");
    else exit(3);
}

int main(int arguments, char **words) {
    is_deferred = arguments > 1 && strcmp(words[1], "deferred") == 0;
    struct utsname system;
    uname(&system);
    if (arguments > 1 && strcmp(words[1], "about") == 0) {
        printf("# Linux %s, %d executions\n", system.release, EACH);
        return 0;
    }
    set_up();
    pthread_barrier_init(&gate, 0, 3);
    pthread_t one, two;
    pthread_create(&one, 0, canceler, 0), pthread_create(&two, 0, writer, 0);
    for (unsigned i = 0; i < EACH; ++i) {
        count = 0;
        now = 0;
        cancels = i % 8 != 0;
        if (pipe(ends) != 0) return 4;
        pthread_barrier_wait(&gate);
        play(i);
        qsort(events, count, sizeof *events, earlier);
        for (int at = 0; at < count; ++at) printf(at ? " %s" : "%s", events[at].text);
        printf("\n");
        close(ends[0]), close(ends[1]);
        pthread_barrier_wait(&gate);
    }
    pthread_join(one, 0), pthread_join(two, 0);
    return 0;
}
