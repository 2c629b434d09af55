#if canImport(Glibc)
    import Glibc

    /// The bytes of memory that an object takes: those of its allocator's block, which are 8 more than a multiple of 16.
    public func blockSize(of object: AnyObject) -> Int {
        // The C library's module for Swift leaves malloc_usable_size(3) out. `unsafe`: its type is that of the manual, and the pointer is
        // one of malloc's, as every object's is.
        guard let symbol = dlsym(nil, "malloc_usable_size") else { return 0 }
        let size = unsafeBitCast(symbol, to: (@convention(c) (UnsafeMutableRawPointer?) -> Int).self)
        return size(Unmanaged.passUnretained(object).toOpaque())
    }
#endif
