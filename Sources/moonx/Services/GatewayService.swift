import EngineIO
import Foundation
import Gateway
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import UnixSignals

/// The gateway as a service: listens, and drains when asked to end. Asked a second time, it ends at once.
struct GatewayService: Service {
    let server: GatewayServer
    let host: String
    let port: Int
    /// Over which time connections end.
    let drainTime: Duration
    let logger: Logger
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
        await drain()
        await server.shutdown(listener)
    }

    private func drain() async {
        logger.notice("draining", metadata: ["over": "\(drainTime)"])
        // Before any client is told: a signal that nobody waits for yet would be lost.
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await server.drain(over: drainTime) }
            group.addTask {
                for await _ in signals { return }
            }
            await group.next()
            group.cancelAll()
        }
    }
}

extension IOError {
    /// What went wrong, without the system call.
    var shortDescription: String {
        errnoCode == EADDRINUSE ? "the port is in use; choose another" : description
    }
}
