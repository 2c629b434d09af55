import AccessToken
import HTTPTypes
import Hummingbird
import NIOCore

extension AuthParts {
    /// What the service has counted, in the Prometheus text format, version 0.0.4.
    public var metrics: String {
        let logins = failedLogins.counts
        let sessions = sessions.counts.current
        let timeouts = timeouts.current
        let keys = privyKeys?.statistics ?? RemoteKeySetStatistics()
        let lines: [(name: String, type: String, help: String, value: Int)] = [
            ("moonx_logins_failed_total", "counter", "Logins and refreshes with credentials that were not good.", logins.failed),
            ("moonx_logins_refused_total", "counter", "Those not tried, because their address had failed too often.", logins.refused),
            ("moonx_login_addresses", "gauge", "Addresses whose failures are remembered.", failedLogins.count),
            ("moonx_sessions_ended_for_room_total", "counter", "Sessions ended because their user had too many.", sessions.ended),
            (
                "moonx_refreshes_refused_total", "counter", "Refreshes refused because the session had too many access tokens.",
                sessions.refused
            ),
            (
                "moonx_auth_request_timeouts_total", "counter", "Requests to the auth service's port that did not come whole in time.",
                timeouts.requests
            ),
            (
                "moonx_auth_answer_timeouts_total", "counter", "Its answers that were not made, or not taken, in time.",
                timeouts.answers
            ),
            ("moonx_privy_key_fetches_total", "counter", "Fetches of the keys of Privy.", keys.fetches),
            ("moonx_privy_key_fetch_failures_total", "counter", "Those that failed; the keys known stay in force.", keys.failures),
        ]
        return lines.map { "# HELP \($0.name) \($0.help)\n# TYPE \($0.name) \($0.type)\n\($0.name) \($0.value)\n" }.joined()
    }
}

extension AuthRoutes {
    /// `GET /metrics`, for a service that runs alone.
    func addMetrics(to router: Router<Context>) {
        router.get("/metrics") { [parts] _, _ in
            Response(
                status: .ok,
                headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: parts.metrics))
            )
        }
    }
}
