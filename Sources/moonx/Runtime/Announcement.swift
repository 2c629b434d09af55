import Foundation

/// What `moonx up` says once it is there.
struct Announcement: Sendable {
    let directory: DataDirectory
    let recordings: [String]
    let hasFeed: Bool

    func print(host: String, port: Int, authPort: Int, isSecure: Bool) {
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
        FileHandle.standardOutput.write(Data(text.utf8))
    }

    private var market: String {
        guard hasFeed else { return "none" }
        return recordings.isEmpty ? "simulated" : "replay of " + recordings.joined(separator: ", ")
    }
}
