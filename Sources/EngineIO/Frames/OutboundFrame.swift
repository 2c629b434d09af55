public import NIOCore
import Synchronization

/// One message as it goes out, encoded once and shared by everyone who gets it.
///
/// Holds the finished WebSocket frames (RFC 6455, section 5.2); the polling form is cut out of the same bytes when it is needed. What clients
/// of protocol 3 get otherwise is made when the first of them is sent the message: `protocol3`.
public final class OutboundFrame: Sendable {
    /// All WebSocket frames of the message, headers included.
    let webSocket: ByteBuffer
    /// Where the Engine.IO text packet lies within ``webSocket``.
    private let text: Range<Int>
    /// Where the binary payloads lie within ``webSocket``.
    private let binaries: [Range<Int>]
    /// Whether the message may be compressed where that has been agreed on.
    public let isCompressible: Bool
    private let lazyDeflatedForms = AtomicLazyReference<DeflatedForms>()
    /// Where the message is a latest value, how it gives way to newer ones.
    public let conflation: (any ConflatableMessage)?
    private let protocol3Forms = AtomicLazyReference<Protocol3Forms>()
    /// The same message for clients of another encoding.
    private let reencodedFrame = AtomicLazyReference<OutboundFrame>()

    /// A message whose text `write` appends, followed by `binaries` in frames of their own.
    ///
    /// - Parameters:
    ///   - capacity: About how many bytes `write` will append; a good guess saves a copy.
    ///   - binaries: The binary attachments, in order.
    ///   - conflation: Makes the message a latest value; without it every client gets it, or is closed as slow.
    ///   - isCompressible: Whether the message may be compressed on its way (``PerMessageDeflate``, ``HTTPCompression``): `false` for what is
    ///     compressed already, or what must not share a compressor with a secret.
    ///   - write: Appends the Engine.IO packet, type byte included. It must be UTF-8. Where it appends nothing and there are binaries, the
    ///     message has no text.
    public convenience init(
        capacity: Int,
        binaries: [ByteBuffer] = [],
        conflation: (any ConflatableMessage)? = nil,
        isCompressible: Bool = true,
        _ write: (inout ByteBuffer) -> Void
    ) {
        self.init(capacity: capacity, binaries: binaries, isCompressible: isCompressible, write, conflation: { _ in conflation })
    }

    /// As ``init(capacity:binaries:conflation:isCompressible:_:)``, where what makes it a latest value is a part of the message's own bytes.
    ///
    /// - Parameter conflation: Is given the buffer that `write` wrote to, with its indices, and may keep slices of it, which cost no copy.
    public init(
        capacity: Int,
        binaries: [ByteBuffer] = [],
        isCompressible: Bool = true,
        _ write: (inout ByteBuffer) -> Void,
        conflation: (ByteBuffer) -> (any ConflatableMessage)?
    ) {
        var size = capacity + Self.maximumHeaderLength
        for binary in binaries { size += binary.readableBytes + Self.maximumHeaderLength }
        var buffer = ByteBufferAllocator().buffer(capacity: size)
        // The header's length is known after the payload's: leave room for the longest, then write it right before the payload. What is before
        // the header is never read.
        buffer.moveWriterIndex(to: Self.maximumHeaderLength)
        write(&buffer)
        let length = buffer.writerIndex - Self.maximumHeaderLength
        let hasText = length > 0 || binaries.isEmpty
        let start = Self.maximumHeaderLength - (hasText ? Self.headerLength(length) : 0)
        if hasText { Self.setHeader(opcode: 0x81, length: length, in: &buffer, at: start) }
        var ranges: [Range<Int>] = []
        let end = buffer.writerIndex
        for binary in binaries {
            let header = buffer.writerIndex
            buffer.writeRepeatingByte(0, count: Self.headerLength(binary.readableBytes))
            Self.setHeader(opcode: 0x82, length: binary.readableBytes, in: &buffer, at: header)
            let first = buffer.writerIndex
            buffer.writeImmutableBuffer(binary)
            ranges.append(first..<buffer.writerIndex)
        }
        buffer.moveReaderIndex(to: start)
        self.webSocket = buffer
        self.text = Self.maximumHeaderLength..<end
        self.binaries = ranges
        self.isCompressible = isCompressible
        self.conflation = conflation(buffer)
    }

    /// A message of one text packet, type byte included.
    public convenience init(text: String) {
        self.init(capacity: text.utf8.count) { $0.writeString(text) }
    }

    /// A binary message: a binary WebSocket frame, or `b<base64>` while polling.
    public convenience init(binary: ByteBuffer) {
        self.init(capacity: 0, binaries: [binary]) { _ in }
    }

    /// The answer to a ping.
    convenience init(pong payload: ByteBuffer) {
        self.init(capacity: payload.readableBytes + 1) {
            $0.writeInteger(UInt8(ascii: "3"))
            $0.writeImmutableBuffer(payload)
        }
    }

    /// The same message in another encoding, which `make` writes at first need; whoever asks, on whichever loop, gets the same frame. Where
    /// `make` has none, this message itself.
    public func reencoded(_ make: (OutboundFrame) -> OutboundFrame?) -> OutboundFrame {
        if let frame = reencodedFrame.load() { return frame }
        return make(self).map { reencodedFrame.storeIfNil($0) } ?? self
    }

    /// How many bytes it takes on a WebSocket.
    public var byteCount: Int { webSocket.readableBytes }

    /// The Engine.IO text packet, type byte included; empty where the message is binary only.
    public var textPacket: ByteBuffer {
        webSocket.getSlice(at: text.lowerBound, length: text.count) ?? ByteBuffer()
    }

    /// The binary payloads, in order.
    public var binaryPayloads: [ByteBuffer] {
        binaries.map { webSocket.getSlice(at: $0.lowerBound, length: $0.count) ?? ByteBuffer() }
    }

    /// The compressed forms, shared by all who are sent the message.
    var deflatedForms: DeflatedForms { lazyDeflatedForms.load() ?? lazyDeflatedForms.storeIfNil(DeflatedForms()) }

    /// Whether there are binary payloads.
    var hasBinaries: Bool { !binaries.isEmpty }

    /// The encodings for clients of protocol 3, shared by all of them.
    var protocol3: Protocol3Forms { protocol3Forms.load() ?? protocol3Forms.storeIfNil(Protocol3Forms()) }

    /// WebSocket frames that are in their final form already.
    init(webSocket: ByteBuffer, isCompressible: Bool) {
        self.webSocket = webSocket
        self.text = 0..<0
        self.binaries = []
        self.conflation = nil
        self.isCompressible = isCompressible
    }

    static let maximumHeaderLength = 10

    /// Appends one whole WebSocket frame.
    static func appendFrame(opcode: UInt8, _ payload: ByteBuffer, to buffer: inout ByteBuffer) {
        let header = buffer.writerIndex
        buffer.writeRepeatingByte(0, count: headerLength(payload.readableBytes))
        setHeader(opcode: opcode, length: payload.readableBytes, in: &buffer, at: header)
        buffer.writeImmutableBuffer(payload)
    }

    private static func headerLength(_ length: Int) -> Int {
        length < 126 ? 2 : length <= 0xFFFF ? 4 : 10
    }

    private static func setHeader(opcode: UInt8, length: Int, in buffer: inout ByteBuffer, at index: Int) {
        switch headerLength(length) {
        case 2: buffer.setInteger(UInt16(opcode) << 8 | UInt16(length), at: index)
        case 4: buffer.setInteger(UInt32(opcode) << 24 | 126 << 16 | UInt32(length), at: index)
        default:
            buffer.setInteger(UInt16(opcode) << 8 | 127, at: index)
            buffer.setInteger(UInt64(length), at: index + 2)
        }
    }
}
