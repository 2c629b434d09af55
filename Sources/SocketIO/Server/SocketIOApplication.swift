import EngineIO
import EngineIOCore
import Logging
import SocketIOCore
import Synchronization

/// What every connection of the server shares.
final class SocketIOApplication: EngineApplication {
    let configuration: SocketIOConfiguration
    let namespaces: NamespaceTable
    let logger: Logger
    /// The lock is taken at refusals and at scrapes, never for a packet that is good.
    private let counted = Mutex(SocketIOStatistics())

    init(configuration: SocketIOConfiguration, namespaces: NamespaceTable, logger: Logger) {
        self.configuration = configuration
        self.namespaces = namespaces
        self.logger = logger
    }

    func makeDelegate(for connection: EngineConnection) -> any EngineConnectionDelegate {
        SocketIOConnection(application: self, connection: connection)
    }

    var statistics: SocketIOStatistics { counted.withLock { $0 } }

    func count(_ refusal: NamespaceRefusal) {
        counted.withLock { $0.refusedNamespaces[refusal, default: 0] += 1 }
    }

    func count(_ error: SocketPacketError) {
        counted.withLock { $0.badPackets[error, default: 0] += 1 }
    }

    /// What a client is told of an error of a connect middleware.
    func refusal(_ error: any Error, _ namespace: String) -> ConnectError {
        if let refusal = error as? ConnectError { return refusal }
        // What goes wrong in a middleware is the server's affair; the client learns nothing of it.
        logger.warning("a connect middleware failed", metadata: ["namespace": "\(namespace)", "error": "\(error)"])
        return ConnectError(message: "internal error")
    }
}
