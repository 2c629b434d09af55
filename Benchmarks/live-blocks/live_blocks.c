// Says who has allocated the blocks that are alive: preloaded by live_blocks.py.
//
//   cc -O1 -fno-omit-frame-pointer -fPIC -shared -o live_blocks.so live_blocks.c
//
// After a first SIGUSR2 it notes of each block of at most 600 bytes who asked for it, by frame pointers, which Swift keeps; at the second
// it writes the blocks that are left to LIVE_BLOCKS_FILE, a line each: its bytes (malloc_usable_size) and the callers' addresses.

#define _GNU_SOURCE
#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 1 << 20, FRAMES = 8, LARGEST = 600 };

struct block {
    void *address;
    size_t bytes;
    uintptr_t callers[FRAMES];
};

static struct block *blocks;
static char lock;
static volatile int notes;
static void *const gone = (void *)1;

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static void enter(void) { while (__atomic_test_and_set(&lock, __ATOMIC_ACQUIRE)); }
static void leave(void) { __atomic_clear(&lock, __ATOMIC_RELEASE); }
static size_t home(void *address) { return ((uintptr_t)address >> 4) * 0x9E3779B97F4A7C15u >> 44; }

static void *born(void *address, uintptr_t *frame) {
    if (address == NULL || !notes || malloc_usable_size(address) > LARGEST) return address;
    struct block block = {address, malloc_usable_size(address), {0}};
    uintptr_t lowest = (uintptr_t)frame;
    for (int depth = 0; depth < FRAMES; depth++) {
        if ((uintptr_t)frame < lowest || (uintptr_t)frame > lowest + 65536 || (uintptr_t)frame & 7) break;
        block.callers[depth] = frame[1];
        frame = (uintptr_t *)frame[0];
    }
    enter();
    size_t slot = home(address);
    while (blocks[slot].address != NULL && blocks[slot].address != gone) slot = (slot + 1) % SLOTS;
    blocks[slot] = block;
    leave();
    return address;
}

static void died(void *address) {
    if (address == NULL || blocks == NULL) return;
    enter();
    for (size_t slot = home(address); blocks[slot].address != NULL; slot = (slot + 1) % SLOTS) {
        if (blocks[slot].address != address) continue;
        blocks[slot].address = gone;
        break;
    }
    leave();
}

#define HERE ((uintptr_t *)__builtin_frame_address(0))

void *malloc(size_t size) { return born(__libc_malloc(size), HERE); }
void *calloc(size_t count, size_t size) { return born(__libc_calloc(count, size), HERE); }
void *memalign(size_t alignment, size_t size) { return born(__libc_memalign(alignment, size), HERE); }
void *aligned_alloc(size_t alignment, size_t size) { return born(__libc_memalign(alignment, size), HERE); }

int posix_memalign(void **block, size_t alignment, size_t size) {
    *block = born(__libc_memalign(alignment, size), HERE);
    return *block == NULL ? ENOMEM : 0;
}

void *realloc(void *block, size_t size) {
    died(block);
    return born(__libc_realloc(block, size), HERE);
}

void free(void *block) {
    int error = errno;
    died(block);
    __libc_free(block);
    errno = error;
}

static void told(int signal) {
    (void)signal;
    if (!notes) {
        notes = 1;
        return;
    }
    notes = 0;
    FILE *file = fopen(getenv("LIVE_BLOCKS_FILE"), "w");
    if (file == NULL) return;
    for (size_t slot = 0; slot < SLOTS; slot++) {
        if (blocks[slot].address == NULL || blocks[slot].address == gone) continue;
        fprintf(file, "%zu", blocks[slot].bytes);
        for (int depth = 0; depth < FRAMES; depth++) fprintf(file, " %lx", (unsigned long)blocks[slot].callers[depth]);
        fprintf(file, "\n");
    }
    fprintf(file, "end\n");
    fclose(file);
}

__attribute__((constructor)) static void start(void) {
    if (getenv("LIVE_BLOCKS_FILE") == NULL) return;
    blocks = __libc_calloc(SLOTS, sizeof *blocks);
    if (blocks != NULL) signal(SIGUSR2, told);
}
