import NIOCore
public import SocketIOCore

/// An event that the server sent.
public struct SocketIOEvent: Sendable {
    /// Its name.
    public let name: String
    /// Its arguments, the name not among them.
    public let arguments: EventArguments
    /// The id to answer with, where the server asks for an ack: see ``SocketIOClient/ack(_:json:attachments:)``.
    public let ackID: UInt64?

    /// About how much memory it holds.
    var byteCount: Int { arguments.attachments.reduce(arguments.array.readableBytes) { $0 + $1.readableBytes } }
}

/// The events of a client in the order they came.
///
/// For one consumer: every event is handed out once, to whoever asks first. At most ``SocketIOClientOptions/maxWaitingEvents`` and
/// ``SocketIOClientOptions/maxWaitingBytes`` wait; beyond that the oldest is dropped and counted in ``SocketIOClient/droppedEvents``, so
/// that acks and pings go on however slow the consumer is. Ends when the connection has ended and everything waiting has been taken, or
/// when the task is cancelled.
public struct SocketIOEvents: AsyncSequence, Sendable {
    /// A connection's end is no error of the sequence; see ``SocketIOClient/closeReason``.
    public typealias Failure = Never

    let mailbox: Mailbox<SocketIOEvent>

    /// Takes events off the shared buffer.
    public struct AsyncIterator: AsyncIteratorProtocol {
        let mailbox: Mailbox<SocketIOEvent>

        /// The next event; `nil` at the end.
        public mutating func next() async -> SocketIOEvent? { try? await mailbox.next() }
    }

    /// An iterator; all iterators share the one buffer.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(mailbox: mailbox) }
}
