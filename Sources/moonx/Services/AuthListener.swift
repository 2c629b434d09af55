import Hummingbird
import NIOCore
import ServiceLifecycle

/// The auth service, which says in one line where it cannot listen.
struct AuthListener<Application: ApplicationProtocol>: Service {
    let application: Application
    let host: String
    let port: Int

    func run() async throws {
        do { try await application.run() } catch let error as IOError {
            throw StartFailure(description: "the auth service cannot listen on \(host):\(port): \(error.shortDescription)")
        }
    }
}
