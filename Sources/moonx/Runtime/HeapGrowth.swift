import CMalloc

/// How the heaps of the C library grow.
enum HeapGrowth {
    /// What glibc reserves for one heap of a thread that is not the main one (`HEAP_MAX_SIZE`).
    private static let heap: Int32 = 64 << 20
    /// Blocks from here on are mapped one by one, and given back at once. Setting the other stops glibc from finding this out by itself.
    private static let mapped: Int32 = 1 << 20

    /// Has each heap be usable whole from its beginning. It is addresses only: the kernel gives pages when they are touched. By default glibc
    /// makes a heap larger a page at a time, which is a call of `mprotect()` for three of four connections (docs/performance.md). Before the
    /// first thread. Does nothing where another allocator is preloaded, or the C library is not glibc.
    static func whole() { CMalloc_set(heap, mapped) }
}
