import NIOCore

/// One packet on its way to the server, whatever the transport: texts begin with the Engine.IO type byte, binary payloads have none.
enum EngineMessage: Hashable, Sendable {
    case text(ByteBuffer)
    case binary(ByteBuffer)
}
