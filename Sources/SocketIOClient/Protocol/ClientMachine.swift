import EngineIOCore
import JSONScan
import NIOCore
import SocketIOCore

/// The client's side of Engine.IO 4 and Socket.IO 5 on one namespace: packets in, actions out, no I/O and no clock.
struct ClientMachine {
    enum Action {
        /// The session is open: send CONNECT.
        case opened(EngineParameters, connect: ByteBuffer)
        /// A ping came: send this, and wait for the next.
        case pong(ByteBuffer)
        case connected(SocketIOSession)
        case refused(SocketIOConnectError)
        case event(SocketIOEvent)
        case ack(id: UInt64, EventArguments)
        /// The connection is over.
        case end(SocketIOCloseReason)
        case nothing
    }

    private enum State {
        case opening
        case connecting
        case connected
        case ended
    }

    private let namespace: String
    private let auth: ByteBuffer?
    /// What an earlier connection left, and from CONNECT on what this one will leave.
    private(set) var recovery: SocketIORecovery?
    private var state = State.opening
    private var assembler: PacketAssembler

    init(namespace: String, auth: ByteBuffer?, recovery: SocketIORecovery? = nil, parser: SocketIOParser = .json) {
        self.namespace = namespace
        self.auth = recovery.map { $0.adding(to: auth) } ?? auth
        self.recovery = recovery
        self.assembler = PacketAssembler(parser: parser)
    }

    mutating func received(_ packet: EnginePacket) -> Action {
        if state == .ended { return .nothing }
        do { return try handle(packet) } catch { return end(.parseError) }
    }

    /// The connection is over for a reason outside the protocol. Returns `false` where it was over already.
    mutating func ended() -> Bool {
        defer { state = .ended }
        return state != .ended
    }

    private mutating func handle(_ packet: EnginePacket) throws(SocketPacketError) -> Action {
        switch packet {
        case .open(let json):
            guard state == .opening, let parameters = EngineParameters(json) else { return end(.parseError) }
            state = .connecting
            var connect = ByteBuffer()
            SocketPacket(kind: .connect, namespace: namespace, json: auth ?? ByteBuffer()).write(into: &connect)
            return .opened(parameters, connect: connect)
        case .ping(let payload):
            var pong = ByteBuffer(string: "3")
            pong.writeImmutableBuffer(payload)
            return .pong(pong)
        case .text(let text): return handle(try assembler.received(text: text))
        case .binary(let binary): return handle(try assembler.received(binary: binary))
        case .close: return end(.transportClose)
        case .pong, .upgrade, .noop: return .nothing
        }
    }

    private mutating func handle(_ message: SocketMessage?) -> Action {
        if state == .opening { return end(.parseError) }
        switch message {
        case .connect(namespace, let object?) where state == .connecting:
            state = .connected
            let session = SocketIOSession(object, previousID: recovery?.pid)
            // As the JavaScript client: the offset of an earlier session stays until an event brings another.
            recovery = session.pid.map { SocketIORecovery(pid: $0, offset: recovery?.offset) }
            return .connected(session)
        case .connectError(namespace, let payload) where state == .connecting:
            state = .ended
            return .refused(SocketIOConnectError(payload: payload))
        // With state recovery, missed events may come before the answer to CONNECT.
        case .event(namespace, let name, let arguments, let ackID):
            if let offset = arguments.string(arguments.count - 1), ackID == nil { recovery?.offset = offset }
            return .event(SocketIOEvent(name: name, arguments: arguments, ackID: ackID))
        case .ack(namespace, let id, let arguments): return .ack(id: id, arguments)
        case .disconnect(namespace): return end(.serverDisconnect)
        default: return .nothing
        }
    }

    private mutating func end(_ reason: SocketIOCloseReason) -> Action {
        state = .ended
        return .end(reason)
    }
}
