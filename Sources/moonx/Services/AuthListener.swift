import Hummingbird
import NIOCore
import ServiceLifecycle

/// The auth service, which says in one line where it cannot listen.
struct AuthListener<Application: ApplicationProtocol>: Service {
    let application: Application
    let host: String
    let port: Int
    /// Ends when the service may begin; `nil`: at once. Where another service cannot start, this one has then not begun either.
    var turn: AsyncStream<Void>?

    func run() async throws {
        if let turn { for await _ in turn {} }
        try Task.checkCancellation()
        do { try await application.run() } catch let error as IOError {
            throw StartFailure(description: "the auth service cannot listen on \(host):\(port): \(error.shortDescription)")
        }
    }
}
