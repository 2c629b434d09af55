import AsyncHTTPClient
import NIOCore
import NIOPosix

/// Why a server cannot be reached, as an operator would say it.
enum ConnectionProblem {
    /// What is wrong, without the names of system calls.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout || error == .deadlineExceeded: "it does not answer in time"
        case let error as NIOConnectionError where error.connectionErrors.isEmpty: "there is no host \(error.host)"
        case let error as NIOConnectionError: "nothing listens on \(error.host):\(error.port); is it running?"
        default: "\(error)"
        }
    }
}
