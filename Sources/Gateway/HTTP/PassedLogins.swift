import JSONScan

/// What became of logins and refreshes that were passed on to an auth service, told by its answers. A value.
struct PassedLogins: Hashable, Sendable {
    /// Those whose credentials were not good.
    private(set) var failed = 0
    /// Those that were not tried, because their address had failed too often.
    private(set) var refused = 0
    /// Requests of any kind that the service has not answered, or with an error of its own.
    private(set) var unanswered = 0

    /// The service has answered a request for `path`.
    mutating func answered(path: String, status: Int, body: some Sequence<UInt8>) {
        switch status {
        case 401 where Self.paths.contains(path):
            // Nothing was shown, so nothing was wrong with it: the service does not count that either.
            if Self.code(body) != "AUTH_REQUIRED" { failed += 1 }
        case 429 where Self.paths.contains(path): refused += 1
        case 500...: unanswered += 1
        default: break
        }
    }

    /// The service has not answered.
    mutating func notAnswered() { unanswered += 1 }

    private static let paths: Set<String> = ["/api/v1/auth/login", "/api/v1/auth/refresh"]

    /// The code of `{"error": {"code", "message"}}`.
    private static func code(_ body: some Sequence<UInt8>) -> String? {
        guard let error = try? JSONObject(Array(body)).raw("error") else { return nil }
        return try? JSONObject(Array(error)).string("code")
    }
}
