import NIOCore

/// Walks over the frames of a server without taking them apart: RFC 6455, unmasked, in pieces of any size.
///
/// A value without allocations: it keeps the first bytes of the frame it is in, and how many are still to come.
struct FrameCounter {
    /// One whole frame: its opcode, whether it is compressed (`permessage-deflate`), its first payload bytes (big endian, as many as there are,
    /// zeros after them), and its length on the wire.
    struct Frame: Equatable {
        var opcode: UInt8
        var isCompressed: Bool
        var prefix: UInt64
        var payloadLength: Int
        var wireLength: Int
    }

    private var header: (UInt64, UInt64) = (0, 0)
    private var headerCount = 0
    private var headerLength = 2
    private var payloadLength = 0
    private var consumed = 0
    private var prefix: UInt64 = 0

    /// Calls `body` with each frame that ends within `bytes`.
    mutating func received(_ bytes: UnsafeRawBufferPointer, _ body: (Frame) -> Void) {
        var index = 0
        while index < bytes.count || (headerCount == headerLength && consumed == payloadLength) {
            if headerCount < headerLength {
                append(bytes[index])
                index += 1
                continue
            }
            let count = min(bytes.count - index, payloadLength - consumed)
            var place = consumed
            while place < min(8, consumed + count) {
                prefix |= UInt64(bytes[index + place - consumed]) << UInt64(56 - 8 * place)
                place += 1
            }
            consumed += count
            index += count
            guard consumed == payloadLength else { return }
            body(
                Frame(
                    opcode: opcode,
                    isCompressed: isCompressed,
                    prefix: prefix,
                    payloadLength: payloadLength,
                    wireLength: headerLength + payloadLength
                )
            )
            self = FrameCounter()
        }
    }

    private var opcode: UInt8 { UInt8(truncatingIfNeeded: header.0 >> 56) & 0x0F }
    /// RSV1 of RFC 7692, section 6.
    private var isCompressed: Bool { UInt8(truncatingIfNeeded: header.0 >> 56) & 0x40 != 0 }

    private mutating func append(_ byte: UInt8) {
        if headerCount < 8 {
            header.0 |= UInt64(byte) << UInt64(56 - 8 * headerCount)
        } else {
            header.1 |= UInt64(byte) << UInt64(56 - 8 * (headerCount - 8))
        }
        headerCount += 1
        if headerCount == 2 {
            switch byte & 0x7F {
            case 126: headerLength = 4
            case 127: headerLength = 10
            default: payloadLength = Int(byte & 0x7F)
            }
        } else if headerCount == headerLength {
            payloadLength =
                headerLength == 4
                ? Int(header.0 >> 32 & 0xFFFF)
                : Int(truncatingIfNeeded: (header.0 << 16 | header.1 >> 48) & 0x7FFF_FFFF_FFFF_FFFF)
        }
    }
}
