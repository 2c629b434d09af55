import AsyncHTTPClient
import NIOCore
import NIOPosix

/// HTTP as the tools use it: a server that is not there is said at once. The shared client would try again and again until the time-out.
enum ToolHTTP {
    /// Lives as long as the process.
    static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration()
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    /// What is wrong with a connection, without the names of system calls.
    static func reason(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .connectTimeout || error == .deadlineExceeded: "it does not answer in time"
        case let error as NIOConnectionError where error.connectionErrors.isEmpty: "there is no host \(error.host)"
        case let error as NIOConnectionError: "nothing listens on \(error.host):\(error.port); is it running?"
        default: "\(error)"
        }
    }
}
