/// What an application remembers of a socket (``Socket/data``), where it makes a class for it: kept as it is. Any other value can be
/// remembered as well, and costs each socket a block of memory more.
///
/// `@unchecked Sendable`: of a subclass's members the socket's event loop takes care, to which they are confined from the connection on.
open class SocketData: @unchecked Sendable {
    /// Nothing yet.
    public init() {}

    /// Any value, in an object of its own.
    private final class Box: SocketData, @unchecked Sendable {
        let content: any Sendable

        init(_ content: any Sendable) { self.content = content }
    }

    static func keeping(_ value: (any Sendable)?) -> SocketData? { value.map { $0 as? SocketData ?? Box($0) } }

    /// What was given.
    var value: any Sendable { (self as? Box)?.content ?? self }
}
