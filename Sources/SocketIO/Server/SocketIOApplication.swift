import EngineIO
import EngineIOCore
import Logging
import SocketIOCore

/// What every connection of the server shares.
final class SocketIOApplication: EngineApplication {
    let configuration: SocketIOConfiguration
    let namespaces: NamespaceTable
    let logger: Logger

    init(configuration: SocketIOConfiguration, namespaces: NamespaceTable, logger: Logger) {
        self.configuration = configuration
        self.namespaces = namespaces
        self.logger = logger
    }

    func makeDelegate(for connection: EngineConnection) -> any EngineConnectionDelegate {
        SocketIOConnection(application: self, connection: connection)
    }

    /// A socket's id is not its session's: who sees it in a message must not be able to take over the session.
    func makeSocketID() -> String {
        var generator = configuration.random
        return SessionID(loopIndex: 0, using: &generator).rawValue
    }

    /// What a client shows to get its session back.
    func makePrivateID() -> String {
        var generator = configuration.random
        return PrivateID(using: &generator).rawValue
    }
}
