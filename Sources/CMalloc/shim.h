// The settings of the C library's allocator (mallopt(3)), where it is glibc: its own module for Swift leaves them out.
#ifndef MOONX_CMALLOC_SHIM_H
#define MOONX_CMALLOC_SHIM_H

#include <stdlib.h>

#ifdef __GLIBC__
#include <malloc.h>

static inline void CMalloc_set(int heapPadding, int mappedFrom) {
    mallopt(M_TOP_PAD, heapPadding);
    mallopt(M_MMAP_THRESHOLD, mappedFrom);
}
#else
static inline void CMalloc_set(int heapPadding, int mappedFrom) {
    (void)heapPadding;
    (void)mappedFrom;
}
#endif

#endif
