import ArgumentParser

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#elseif canImport(Darwin)
    import Darwin
#endif

/// The limit on open files, which is the limit on connections.
enum ConnectionBudget {
    /// Raises the soft limit as far as needed and allowed.
    static func raise(toHold count: Int) throws {
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        guard limit.rlim_cur < count else { return }
        guard limit.rlim_max >= count else {
            throw ValidationError("\(count) open files are needed, the hard limit is \(limit.rlim_max) (ulimit -Hn)")
        }
        limit.rlim_cur = rlim_t(count)
        guard setrlimit(resource, &limit) == 0 else { throw ValidationError("cannot raise the limit on open files to \(count)") }
    }
}
