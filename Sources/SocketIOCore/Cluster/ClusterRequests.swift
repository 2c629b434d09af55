/// The requests that one server has under way to the others of its cluster: who has not answered, and what has come.
///
/// Generic over who waits and what is answered, so that its rules can be tested with strings. Times come from the caller.
public struct ClusterRequests<Answer, Waiter> {
    /// A request that has come to its end.
    public struct Finished {
        /// Who waits.
        public let waiter: Waiter
        /// What was answered, in the order it came.
        public let answers: [Answer]
        /// How many servers have not answered.
        public let missing: Int
    }

    fileprivate struct Request {
        let waiter: Waiter
        /// Servers that are known by their heartbeats.
        var servers: Set<String>
        /// Servers of which only the number is known.
        var unnamed: Int
        var answers: [Answer]
        /// Servers and clients whose answers are still due, where one server answers for several clients.
        var due: Int
        /// Whether others may answer of whom nobody knows: only its time ends it.
        let isOpen: Bool

        var isDone: Bool { !isOpen && servers.isEmpty && unnamed <= 0 && due <= 0 }
    }

    private let maximumCount: Int
    private var requests: [String: Request] = [:]

    /// None under way; at most `maximumCount` at once.
    public init(maximumCount: Int) {
        self.maximumCount = maximumCount
    }

    /// How many are under way.
    public var count: Int { requests.count }

    /// Remembers a request. `false` where there are too many.
    ///
    /// - Parameters:
    ///   - id: Its id.
    ///   - servers: Who is to answer.
    ///   - unnamed: How many others are to answer, where their names are not known.
    ///   - answers: What is known already.
    ///   - due: Answers due beside those of servers.
    ///   - isOpen: Whether others may answer of whom nobody knows: then only its time ends it.
    ///   - waiter: Who waits for them.
    public mutating func add(
        _ id: String,
        servers: Set<String>,
        unnamed: Int = 0,
        answers: [Answer] = [],
        due: Int = 0,
        isOpen: Bool = false,
        waiter: Waiter
    ) -> Bool {
        guard requests.count < maximumCount else { return false }
        requests[id] = Request(waiter: waiter, servers: servers, unnamed: unnamed, answers: answers, due: due, isOpen: isOpen)
        return true
    }

    /// A server has answered. Returns the request where that was the last answer.
    public mutating func answered(_ id: String, by server: String, _ answers: [Answer] = [], promising due: Int = 0) -> Finished? {
        update(id) { request in
            if request.servers.remove(server) == nil { request.unnamed -= 1 }
            request.answers += answers
            request.due += due
        }
    }

    /// A client has answered.
    public mutating func answered(_ id: String, _ answer: Answer) -> Finished? {
        update(id) { request in
            request.answers.append(answer)
            request.due -= 1
        }
    }

    /// A server has gone: nobody waits for it any more. Returns the requests that end with that.
    public mutating func removed(server: String) -> [Finished] {
        requests.keys.sorted().compactMap { id in update(id) { $0.servers.remove(server) } }
    }

    /// The time of a request is over.
    public mutating func timedOut(_ id: String) -> Finished? {
        requests.removeValue(forKey: id).map(Self.finished)
    }

    /// The end of the server: all requests, unanswered as they are.
    public mutating func removeAll() -> [Finished] {
        defer { requests = [:] }
        return requests.sorted { $0.key < $1.key }.map { Self.finished($0.value) }
    }

    private mutating func update(_ id: String, _ change: (inout Request) -> Void) -> Finished? {
        guard var request = requests.removeValue(forKey: id) else { return nil }
        change(&request)
        guard request.isDone else {
            requests[id] = request
            return nil
        }
        return Self.finished(request)
    }

    private static func finished(_ request: Request) -> Finished {
        Finished(waiter: request.waiter, answers: request.answers, missing: request.servers.count + max(0, request.unnamed))
    }
}

extension ClusterRequests: Sendable where Answer: Sendable, Waiter: Sendable {}
extension ClusterRequests.Request: Sendable where Answer: Sendable, Waiter: Sendable {}
extension ClusterRequests.Finished: Sendable where Answer: Sendable, Waiter: Sendable {}
