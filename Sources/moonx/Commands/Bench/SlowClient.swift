import EngineIOCore
import JSONScan
import NIOCore
import SocketIOClient
import SocketIOCore

/// A client that can stop reading its socket, so that the kernel's buffers fill up to the server. It comes back as the stock client does: with
/// the private id and offset of its session, and, where the session is not given back, by joining its rooms with `since`.
actor SlowClient {
    struct Plan: Sendable {
        let url: String
        let token: String?
        /// Price rooms.
        let rooms: [String]
        /// How much the kernel takes in for a client that does not read.
        let receiveBufferBytes: Int
        let group: any EventLoopGroup
    }

    private let plan: Plan
    private var socket: RawWebSocket?
    private var session: SocketIORecovery?
    private var assembler = PacketAssembler()
    private var isPaused = false
    private var isEnding = false
    private var joined: Set<String> = []
    private(set) var record = SlowRecord()
    /// Connections that ended, and sessions that were given back after that.
    private(set) var (endings, recoveries) = (0, 0)
    /// Whose trades are its own.
    private(set) var user: String?

    init(_ plan: Plan) {
        self.plan = plan
    }

    /// Whether it is in all of its rooms.
    var isReady: Bool { socket != nil && user != nil && joined.count == plan.rooms.count + 1 }

    /// Stops reading, or reads again.
    func setPaused(_ isPaused: Bool) async throws {
        self.isPaused = isPaused
        try await socket?.setReading(!isPaused)
    }

    /// Connects, reads, and connects again whenever the connection has ended, until `end`.
    func run() async {
        while !isEnding {
            do { try await readUntilClosed() } catch { if !isEnding, !(error is SocketIOClientError) { record.fail("\(error)") } }
            guard !isEnding else { return }
            endings += 1
            socket = nil
            joined = []
            assembler = PacketAssembler()
            // Who does not read does not notice either.
            repeat {
                // The stock client's delay: a second, half as much more or less.
                try? await Task.sleep(for: .milliseconds(.random(in: 500...1_500)))
            } while isPaused && !isEnding
        }
    }

    func end() async {
        isEnding = true
        await socket?.abort()
    }

    private func readUntilClosed() async throws {
        let socket = try await RawWebSocket.connect(url: plan.url, receiveBufferBytes: plan.receiveBufferBytes, group: plan.group)
        self.socket = socket
        if isPaused { try await socket.setReading(false) }
        do {
            while case .text(let text)? = try await socket.receive(within: .seconds(600)) {
                switch try EnginePacket(text: text) {
                case .open: try await socket.send(text: "40\(connect())")
                case .ping: try await socket.send(text: "3")
                case .text(let packet):
                    if let message = try assembler.received(text: packet) { try await handle(message, socket) }
                default: break
                }
            }
        } catch {
            await socket.abort()
            throw error
        }
        await socket.abort()
    }

    private func connect() -> String {
        let members = [("token", plan.token), ("pid", session?.pid), ("offset", session?.offset)].compactMap { name, text in
            text.map { "\"\(name)\":\(JSONString.literal($0))" }
        }
        return members.isEmpty ? "" : "{\(members.joined(separator: ","))}"
    }

    private func handle(_ message: SocketMessage, _ socket: RawWebSocket) async throws {
        switch message {
        case .connect(_, let answer):
            let id = answer?.string("pid")
            if let id, id == session?.pid {
                recoveries += 1
                joined = Set(allRooms)
            }
            session = id.map { SocketIORecovery(pid: $0, offset: session?.offset) }
        case .connectError(_, let payload): record.fail("refused: \(String(buffer: payload))")
        case .disconnect: record.fail("sent away with DISCONNECT")
        case .event(_, let name, let arguments, _):
            if let offset = arguments.string(arguments.count - 1) { session?.offset = offset }
            switch name {
            case "authenticated":
                user = arguments.object(0)?.raw("user").flatMap { try? JSONObject(Array($0)).string("id") }
                if joined.isEmpty { try await join(socket) }
            case "room_joined": joined.insert(arguments.object(0)?.string("room") ?? "")
            default: record.received(name, arguments)
            }
        default: break
        }
    }

    private var allRooms: [String] { plan.rooms + (user.map { ["user:\($0)"] } ?? []) }

    private func join(_ socket: RawWebSocket) async throws {
        for room in allRooms {
            let place = record.places[String(room.dropFirst("price:".count))]
            let since = place.map { ",\"since\":{\"epoch\":\(JSONString.literal($0.epoch)),\"seq\":\($0.seq)}" } ?? ""
            try await socket.send(text: "42[\"join_room\",{\"room\":\(JSONString.literal(room))\(since)}]")
        }
    }
}
