/// How a lean client gets in: the answer to its upgrade, the handshake of Engine.IO, the namespace, a room.
///
/// A value without I/O: the connection hands in what comes, and does what the step says.
struct LeanHandshake {
    /// What the connection has to do.
    enum Step: Equatable {
        case nothing
        /// Send the CONNECT of the namespace.
        case enter
        /// Send `join_room`.
        case join
        /// It is in.
        case ready
        /// Send Engine.IO's `pong`.
        case answerPing
        /// The server does not let it in, or not into the room.
        case refused
    }

    private enum State {
        /// The last four bytes of the answer's head so far.
        case head(UInt32)
        case connecting
        case joining
        case ready
    }

    /// `42["room`: the answer to `join_room`.
    private static let joined: UInt64 = 0x3432_5B22_726F_6F6D
    /// `42["erro`: what comes in its place where it is refused.
    private static let error: UInt64 = 0x3432_5B22_6572_726F

    private let joins: Bool
    private var state = State.head(0)

    /// - Parameter joins: Whether it joins a room.
    init(joins: Bool) {
        self.joins = joins
    }

    var isReady: Bool {
        if case .ready = state { true } else { false }
    }

    /// How many of the bytes belong to the head of the answer to the upgrade; `nil` where they all do and more of it must come.
    mutating func head(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard case .head(var last) = state else { return 0 }
        for (index, byte) in bytes.enumerated() {
            last = last << 8 | UInt32(byte)
            if last == 0x0D0A_0D0A {
                state = .connecting
                return index + 1
            }
        }
        state = .head(last)
        return nil
    }

    /// A text frame, by its first eight bytes (zeros after its end) and its length.
    mutating func received(prefix: UInt64, length: Int) -> Step {
        switch (UInt8(truncatingIfNeeded: prefix >> 56), UInt8(truncatingIfNeeded: prefix >> 48)) {
        case (UInt8(ascii: "0"), _): return .enter
        case (UInt8(ascii: "2"), _) where length == 1: return .answerPing
        case (UInt8(ascii: "4"), UInt8(ascii: "0")):
            state = joins ? .joining : .ready
            return joins ? .join : .ready
        case (UInt8(ascii: "4"), UInt8(ascii: "4")): return .refused
        default:
            guard case .joining = state else { return .nothing }
            if prefix == Self.error { return .refused }
            guard prefix == Self.joined else { return .nothing }
            state = .ready
            return .ready
        }
    }
}
