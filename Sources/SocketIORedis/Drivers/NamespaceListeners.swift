import SocketIOCore
import Synchronization

/// Who listens to which namespace at a driver.
final class NamespaceListeners: Sendable {
    typealias Receive = @Sendable (ClusterMessage) -> Void

    private let listeners = Mutex<[String: Receive]>([:])

    func add(_ namespace: String, _ receive: @escaping Receive) { listeners.withLock { $0[namespace] = receive } }

    /// Whether nobody is left.
    @discardableResult
    func remove(_ namespace: String) -> Bool {
        listeners.withLock { listeners in
            listeners[namespace] = nil
            return listeners.isEmpty
        }
    }

    subscript(namespace: String) -> Receive? { listeners.withLock { $0[namespace] } }
}
