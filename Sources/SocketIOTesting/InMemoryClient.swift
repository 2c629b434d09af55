import EngineIOCore
import JSONScan
import NIOCore
import NIOEmbedded
public import SocketIOCore

/// A client of an ``InMemoryServer``, in one namespace. For one task at a time.
public actor InMemoryClient {
    /// An event of the server.
    public struct Event: Sendable {
        /// Its name.
        public let name: String
        /// Its arguments.
        public let arguments: EventArguments
        /// What ``InMemoryClient/ack(_:json:)`` needs, where the server asks for an ack.
        public let ackID: UInt64?

        /// The arguments as JSON text, joined by commas.
        public var json: String { String(buffer: arguments.joined) }
    }

    /// The socket's id.
    public private(set) var id = ""
    /// The private id, where the server recovers connection state.
    public private(set) var pid: String?
    /// Whether the server's pings are answered. A client that does not is given up after the ping time-out.
    public var answersPings = true
    /// Whether the connection has ended.
    public private(set) var isClosed = false
    /// Whether the server has sent DISCONNECT.
    public private(set) var isDisconnected = false

    private let channel: NIOAsyncTestingChannel
    private let namespace: String
    private let path: String
    private var bytes = ByteBuffer()
    private var assembler = PacketAssembler()
    private var events: CircularBuffer<Event> = []
    private var acks: [UInt64: EventArguments] = [:]
    private var nextAckID: UInt64 = 0
    private var refusal: String?

    init(channel: NIOAsyncTestingChannel, namespace: String, path: String) {
        self.channel = channel
        self.namespace = namespace
        self.path = path
    }

    func open(auth: String?) async throws {
        let request = """
            GET \(path)?EIO=4&transport=websocket HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
            Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n
            """
        try await channel.writeInbound(ByteBuffer(string: request))
        var head = ""
        while !head.hasSuffix("\r\n\r\n") {
            if let more = bytes.readString(length: min(1, bytes.readableBytes)), !more.isEmpty {
                head += more
            } else {
                try await waitForBytes()
            }
        }
        guard head.hasPrefix("HTTP/1.1 101 ") else { throw InMemoryClientError.refused(head) }
        var connect = ByteBuffer()
        SocketPacket(kind: .connect, namespace: namespace, json: ByteBuffer(string: auth ?? "")).write(into: &connect)
        try await send(connect)
        while id.isEmpty {
            if let refusal { throw InMemoryClientError.refused(refusal) }
            if !(await takeFrame()) { try await waitForBytes() }
        }
    }

    // MARK: Sending

    /// Sends an event.
    ///
    /// - Parameters:
    ///   - name: Its name.
    ///   - arguments: JSON text: values joined by commas, or nothing.
    public func emit(_ name: String, json arguments: String = "") async throws {
        try await send(event: name, arguments, ackID: nil)
    }

    /// Sends an event and waits for the server's answer.
    public func emitWithAck(_ name: String, json arguments: String = "") async throws -> EventArguments {
        let ackID = nextAckID
        nextAckID += 1
        try await send(event: name, arguments, ackID: ackID)
        while true {
            if let answer = acks.removeValue(forKey: ackID) { return answer }
            if !(await takeFrame()) { try await waitForBytes() }
        }
    }

    /// Answers an event of the server.
    public func ack(_ event: Event, json arguments: String = "") async throws {
        guard let ackID = event.ackID else { return }
        var text = ByteBuffer()
        SocketPacket.writeAck(ackID, arguments: ByteBuffer(string: arguments), namespace: namespace, into: &text)
        try await send(text)
    }

    /// Sends DISCONNECT.
    public func disconnect() async throws {
        var text = ByteBuffer()
        SocketPacket(kind: .disconnect, namespace: namespace).write(into: &text)
        try await send(text)
    }

    /// Breaks the connection off without a word.
    public func drop() async {
        isClosed = true
        try? await channel.close()
        await channel.testingEventLoop.run()
    }

    /// Answers the server's pings no more: as a client whose network is gone.
    public func fallSilent() {
        answersPings = false
    }

    private func send(event name: String, _ arguments: String, ackID: UInt64?) async throws {
        var text = ByteBuffer()
        SocketPacket.writeEvent(name, arguments: ByteBuffer(string: arguments), namespace: namespace, ackID: ackID, into: &text)
        try await send(text)
    }

    private func send(_ text: ByteBuffer) async throws {
        guard !isClosed else { throw InMemoryClientError.closed }
        try await channel.writeInbound(MemoryFrame.encode(text: text))
        await channel.testingEventLoop.run()
    }

    // MARK: Receiving

    /// The next event.
    ///
    /// - Throws: ``InMemoryClientError``, `nothingCame` after ten seconds of real time: handlers may be at work in tasks of their own.
    public func next() async throws -> Event {
        while true {
            if let event = events.popFirst() { return event }
            if !(await takeFrame()) { try await waitForBytes() }
        }
    }

    /// Takes events until one is named `name`.
    public func next(_ name: String) async throws -> Event {
        while true {
            let event = try await next()
            if event.name == name { return event }
        }
    }

    /// Waits until the server has closed the connection.
    public func waitUntilClosed() async throws {
        while !isClosed {
            if !(await takeFrame()) { try? await waitForBytes() }
        }
    }

    func takeWhatHasCome() async {
        while let more = try? await channel.readOutbound(as: ByteBuffer.self) { bytes.writeImmutableBuffer(more) }
        while await takeFrame() {}
    }

    private func waitForBytes() async throws {
        let deadline = ContinuousClock.now + .seconds(10)
        while !isClosed {
            await channel.testingEventLoop.run()
            if let more = try await channel.readOutbound(as: ByteBuffer.self) {
                bytes.writeImmutableBuffer(more)
                return
            }
            if !channel.isActive { isClosed = true }
            guard ContinuousClock.now < deadline else { throw InMemoryClientError.nothingCame }
            try await Task.sleep(for: .milliseconds(1))
        }
        throw InMemoryClientError.closed
    }

    /// Takes one frame out of what has come. `false` where there is no whole one.
    private func takeFrame() async -> Bool {
        guard let frame = MemoryFrame(&bytes) else { return false }
        switch frame.opcode {
        case .text:
            guard let packet = try? EnginePacket(text: frame.payload) else { break }
            if case .ping = packet, answersPings { try? await send(ByteBuffer(string: "3")) }
            if case .text(let text) = packet { handle(try? assembler.received(text: text)) }
        case .binary: handle(try? assembler.received(binary: frame.payload))
        case .close: await drop()
        }
        return true
    }

    private func handle(_ message: SocketMessage?) {
        switch message {
        case .connect(_, let answer):
            id = answer?.string("sid") ?? ""
            pid = answer?.string("pid")
        case .connectError(_, let payload): refusal = String(buffer: payload)
        case .event(_, let name, let arguments, let ackID): events.append(Event(name: name, arguments: arguments, ackID: ackID))
        case .ack(_, let id, let arguments): acks[id] = arguments
        case .disconnect: isDisconnected = true
        case .ignored, nil: break
        }
    }
}

/// Why a client in memory cannot go on.
public enum InMemoryClientError: Error, Hashable, Sendable {
    /// The server refused the connection or the namespace; with what it said.
    case refused(String)
    /// The connection has ended.
    case closed
    /// Nothing came in time.
    case nothingCame
}
