/// How a ``RemoteKeySet`` is fetched.
public struct RemoteKeySetRules: Hashable, Sendable {
    /// The time from one fetch to the next, so that a key removed from the set stops working.
    public var refreshInterval: Duration
    /// The least time between fetches for tokens that name an unknown key, and before a failed fetch is repeated.
    public var minimumInterval: Duration
    /// How long a fetch may take, from the connection to the last byte.
    public var timeout: Duration
    /// How many bytes the document may have.
    public var maximumSize: Int

    /// Rules; by default every 5 minutes, for unknown keys every 10 s at most, 5 s and 256 KiB a fetch.
    public init(
        refreshInterval: Duration = .seconds(300),
        minimumInterval: Duration = .seconds(10),
        timeout: Duration = .seconds(5),
        maximumSize: Int = 256 << 10
    ) {
        self.refreshInterval = refreshInterval
        self.minimumInterval = minimumInterval
        self.timeout = timeout
        self.maximumSize = maximumSize
    }
}

/// What has happened to a ``RemoteKeySet`` so far.
public struct RemoteKeySetStatistics: Hashable, Sendable {
    /// Fetches that ended, well or not.
    public var fetches = 0
    /// Those that failed.
    public var failures = 0
    /// Those that brought another set.
    public var changes = 0
    /// Tokens with an unknown key for which no fetch was made, because the last was too recent.
    public var refusedLookups = 0

    /// So many of each; none unless told otherwise.
    public init(fetches: Int = 0, failures: Int = 0, changes: Int = 0, refusedLookups: Int = 0) {
        self.fetches = fetches
        self.failures = failures
        self.changes = changes
        self.refusedLookups = refusedLookups
    }
}
