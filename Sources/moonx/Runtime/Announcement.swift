import Foundation

/// What `moonx up` says once both of its ports are open.
actor Announcement {
    private let directory: DataDirectory
    private let recordings: [String]
    private let hasFeed: Bool
    private let host: String
    private let isSecure: Bool
    private var gatewayPort: Int?
    private var authPort: Int?

    init(directory: DataDirectory, recordings: [String], hasFeed: Bool, host: String, isSecure: Bool) {
        self.directory = directory
        self.recordings = recordings
        self.hasFeed = hasFeed
        self.host = host
        self.isSecure = isSecure
    }

    func gatewayListens(_ port: Int) {
        gatewayPort = port
        announce()
    }

    func authListens(_ port: Int) {
        authPort = port
        announce()
    }

    private func announce() {
        guard let port = gatewayPort, let authPort else { return }
        let shown = host.contains(":") ? "[\(host)]" : host
        let scheme = isSecure ? "https" : "http"
        let text =
            """

              MoonX Gateway is up.

              Dashboard      \(scheme)://\(shown):\(port)/
              Socket.IO      \(scheme)://\(shown):\(port)/socket.io/
              Auth service   \(scheme)://\(shown):\(authPort)/api/v1/auth
              Metrics        \(scheme)://\(shown):\(port)/metrics
              Market         \(market)
              Service token  \(directory.serviceTokenFile.path)

              Stop with Ctrl-C.


            """
        // Past the buffer of standard output, which shows nothing until it is full where that is no terminal.
        try? FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    }

    private var market: String {
        guard hasFeed else { return "none" }
        return recordings.isEmpty ? "simulated" : "replay of " + recordings.joined(separator: ", ")
    }
}
