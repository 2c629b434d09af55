import NIOCore

/// One frame of a client (RFC 6455, section 5.2), its mask taken off.
struct ReceivedFrame: Equatable {
    enum Opcode: UInt8 {
        case continuation = 0x0
        case text = 0x1
        case binary = 0x2
        case close = 0x8
        case ping = 0x9
        case pong = 0xA
    }

    let isFinal: Bool
    /// RSV1: the first frame of a compressed message (RFC 7692, section 6).
    let isCompressed: Bool
    /// RSV2 or RSV3, which mean nothing here.
    let hasUnknownBits: Bool
    /// `nil` for one that the RFC keeps for later.
    let opcode: Opcode?
    let isMasked: Bool
    let payload: ByteBuffer

    init(firstByte: UInt8, isMasked: Bool, payload: ByteBuffer) {
        isFinal = firstByte & 0x80 != 0
        isCompressed = firstByte & 0x40 != 0
        hasUnknownBits = firstByte & 0x30 != 0
        opcode = Opcode(rawValue: firstByte & 0x0F)
        self.isMasked = isMasked
        self.payload = payload
    }
}

/// Cuts the bytes of a client into frames, in whatever pieces they come.
///
/// A value without I/O. An idle connection keeps nothing of it: SwiftNIO's decoder and the handler around it are some 700 bytes each. Memory
/// is bounded by `maxPayload`, which is held against a frame's header, before its payload is waited for. It is the same for all connections,
/// and so is brought in rather than kept.
struct FrameReader {
    enum Violation: Error {
        /// Longer than `maxPayload`, or than can be.
        case tooLong
        /// A control frame in pieces, or of more than 125 bytes (section 5.5).
        case badControlFrame

        var closeCode: UInt16 {
            switch self {
            case .tooLong: 1009
            case .badControlFrame: 1002
            }
        }
    }

    /// The beginning of a frame; `nil` between two frames.
    private var rest: ByteBuffer?

    /// More bytes have come.
    mutating func received(_ bytes: ByteBuffer) {
        guard bytes.readableBytes > 0 else { return }
        // Taken out first: what is there is so appended to in place.
        if var begun = rest.take() {
            begun.writeImmutableBuffer(bytes)
            rest = begun
        } else {
            rest = bytes
        }
    }

    /// The next frame that has come whole. After an error nothing more is to be read.
    mutating func next(maxPayload: Int) throws(Violation) -> ReceivedFrame? {
        guard var bytes = rest.take() else { return nil }
        guard let header = try header(of: bytes, maxPayload: maxPayload), bytes.readableBytes - header.length >= header.payloadLength else {
            // Bytes of earlier frames would stay for as long as this one takes.
            if bytes.readerIndex > 0 { bytes.discardReadBytes() }
            rest = bytes
            return nil
        }
        bytes.moveReaderIndex(forwardBy: header.length)
        var payload = bytes.readSlice(length: header.payloadLength) ?? ByteBuffer()
        if let mask = header.mask { payload.unmask(mask) }
        if bytes.readableBytes > 0 { rest = bytes }
        return ReceivedFrame(firstByte: header.firstByte, isMasked: header.mask != nil, payload: payload)
    }

    private struct Header {
        let firstByte: UInt8
        let length: Int
        let payloadLength: Int
        let mask: UInt32?
    }

    private func header(of bytes: ByteBuffer, maxPayload: Int) throws(Violation) -> Header? {
        let start = bytes.readerIndex
        guard let firstByte: UInt8 = bytes.getInteger(at: start), let second: UInt8 = bytes.getInteger(at: start + 1) else { return nil }
        var length = 2
        var payloadLength = UInt64(second & 0x7F)
        if payloadLength == 126 {
            guard let long: UInt16 = bytes.getInteger(at: start + 2) else { return nil }
            payloadLength = UInt64(long)
            length = 4
        } else if payloadLength == 127 {
            guard let long: UInt64 = bytes.getInteger(at: start + 2) else { return nil }
            payloadLength = long
            length = 10
        }
        guard payloadLength <= UInt64(maxPayload) else { throw .tooLong }
        let isControl = firstByte & 0x08 != 0
        guard !isControl || (payloadLength <= 125 && firstByte & 0x80 != 0) else { throw .badControlFrame }
        var mask: UInt32?
        if second & 0x80 != 0 {
            guard let key: UInt32 = bytes.getInteger(at: start + length, endianness: .host) else { return nil }
            mask = key
            length += 4
        }
        return Header(firstByte: firstByte, length: length, payloadLength: Int(payloadLength), mask: mask)
    }
}

extension ByteBuffer {
    /// Takes off a client's mask (section 5.3); `mask` is its four bytes as they lie in memory. One of zero, which changes nothing, costs nothing.
    fileprivate mutating func unmask(_ mask: UInt32) {
        guard mask != 0, readableBytes > 0 else { return }
        let wide = UInt64(mask) << 32 | UInt64(mask)
        // `unsafe`: the pointer is used within the closure only, and within its bounds.
        withUnsafeMutableReadableBytes { bytes in
            var index = 0
            while index + 8 <= bytes.count {
                let word = bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                bytes.storeBytes(of: word ^ wide, toByteOffset: index, as: UInt64.self)
                index += 8
            }
            while index < bytes.count {
                bytes[index] ^= UInt8(truncatingIfNeeded: UInt32(littleEndian: mask) >> UInt32(8 * (index & 3)))
                index += 1
            }
        }
    }
}
