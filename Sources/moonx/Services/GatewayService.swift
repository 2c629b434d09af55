import EngineIO
import Foundation
import Gateway
import Hummingbird
import NIOCore
import ServiceLifecycle

/// The gateway as a service: listens, and closes in order when asked to.
struct GatewayService: Service {
    let server: GatewayServer
    let host: String
    let port: Int
    let addRoutes: @Sendable (Router<GatewayRequestContext>) -> Void
    let onListening: @Sendable (Int) async -> Void

    func run() async throws {
        let listener: EngineListener
        do {
            listener = try await server.start(host: host, port: port, addRoutes: addRoutes)
        } catch let error as IOError {
            throw StartFailure(description: "the gateway cannot listen on \(host):\(port): \(error.shortDescription)")
        } catch let error as BusError {
            throw StartFailure(description: error.description)
        }
        await onListening(listener.address?.port ?? port)
        try? await gracefulShutdown()
        await server.shutdown(listener)
    }
}

extension IOError {
    /// What went wrong, without the system call.
    var shortDescription: String {
        errnoCode == EADDRINUSE ? "the port is in use; choose another" : description
    }
}
