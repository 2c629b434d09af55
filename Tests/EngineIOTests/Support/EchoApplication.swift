import EngineIO
import EngineIOCore
import NIOCore
import Synchronization
import TestSupport

/// Sends back what it gets; a few texts are orders.
final class EchoApplication: EngineApplication {
    struct Journal: Sendable {
        /// Sessions in the order in which they were opened.
        var sessions: [SessionID] = []
        var closed: [CloseReason] = []
        /// Connections whose kernel takes no more.
        var waiting = 0
        var opened: Int { sessions.count }
        var open: Int { opened - closed.count }
    }

    private struct State {
        var journal = Journal()
        var connections: [SessionID: EngineConnection] = [:]
        var waiting: [(isMet: @Sendable (Journal) -> Bool, promise: EventLoopPromise<Void>)] = []
    }

    private let state = Mutex(State())

    func makeDelegate(for connection: EngineConnection) -> any EngineConnectionDelegate { EchoDelegate(application: self) }

    /// The connections that are open.
    var connections: [EngineConnection] { state.withLock { Array($0.connections.values) } }

    /// What has happened so far.
    var journal: Journal { state.withLock { $0.journal } }

    /// Waits until what has happened so far meets a condition.
    func wait(on eventLoop: any EventLoop, _ what: String, until isMet: @escaping @Sendable (Journal) -> Bool) async throws {
        let promise = eventLoop.makePromise(of: Void.self)
        let timeout = eventLoop.scheduleTask(in: RawConnection.patience) { promise.fail(WaitError(description: "\(what) has not come")) }
        promise.futureResult.whenComplete { _ in timeout.cancel() }
        state.withLock { $0.waiting.append((isMet, promise)) }
        record { _ in }
        try await promise.futureResult.get()
    }

    fileprivate func opened(_ connection: EngineConnection) {
        state.withLock { $0.connections[connection.id] = connection }
        let id = connection.id
        record { $0.sessions.append(id) }
    }

    fileprivate func closed(_ connection: EngineConnection, _ reason: CloseReason) {
        state.withLock { $0.connections[connection.id] = nil }
        record { $0.closed.append(reason) }
    }

    fileprivate func record(_ change: (inout Journal) -> Void) {
        let met = state.withLock { state in
            change(&state.journal)
            let met = state.waiting.filter { $0.isMet(state.journal) }
            state.waiting.removeAll { $0.isMet(state.journal) }
            return met.map(\.promise)
        }
        for promise in met { promise.succeed() }
    }
}

private final class EchoDelegate: EngineConnectionDelegate {
    private static let block = OutboundFrame(capacity: 1 << 16) { $0.writeRepeatingByte(UInt8(ascii: "4"), count: 1 << 16) }

    private let application: EchoApplication

    init(application: EchoApplication) {
        self.application = application
    }

    func connectionOpened(_ connection: EngineConnection) {
        application.opened(connection)
        if connection.handshake?.query["close"] == "1" { connection.close(.forcedClose) }
    }

    func connection(_ connection: EngineConnection, receivedText text: ByteBuffer) {
        switch String(buffer: text) {
        case "close": connection.close(.forcedClose)
        case "burst": for _ in 0..<256 { connection.send(Self.block) }
        case "flood": flood(connection)
        case "noise": noise(connection)
        default:
            connection.send(
                OutboundFrame(capacity: text.readableBytes + 1) {
                    $0.writeInteger(UInt8(ascii: "4"))
                    $0.writeImmutableBuffer(text)
                }
            )
        }
    }

    func connection(_ connection: EngineConnection, receivedBinary binary: ByteBuffer) {
        connection.send(OutboundFrame(binary: binary))
    }

    func connectionDeadlineReached(_ connection: EngineConnection) {}

    func connectionClosed(_ connection: EngineConnection, reason: CloseReason) {
        application.closed(connection, reason)
    }

    /// Sends what does not compress until the kernel takes no more.
    private func noise(_ connection: EngineConnection) {
        guard connection.isWritable else { return application.record { $0.waiting += 1 } }
        var generator = SeededGenerator(seed: UInt64(connection.queuedBytes))
        let bytes = ByteBuffer(bytes: (0..<1 << 14).map { _ in UInt8.random(in: 0...255, using: &generator) })
        connection.send(OutboundFrame(binary: bytes))
        let eventLoop = connection.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { bound.value.noise(connection) }
    }

    /// Sends until the connection is closed, a piece in each pass of the loop.
    private func flood(_ connection: EngineConnection) {
        guard !connection.isClosed else { return }
        connection.send(Self.block)
        let eventLoop = connection.eventLoop
        let bound = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute { bound.value.flood(connection) }
    }
}
