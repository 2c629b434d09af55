import NIOCore
import NIOEmbedded
import NIOWebSocket
import TestSupport
import Testing

@testable import EngineIO

/// Whatever comes, `FrameReader` makes of it what SwiftNIO's decoder makes of it.
@Suite("FrameReader beside NIOWebSocket")
struct FrameReaderPeerTests {
    private static let maxPayload = 1_000

    /// What a reader has made of some bytes.
    private struct Reading: Equatable {
        struct Frame: Equatable {
            var isFinal: Bool
            var bits: [Bool]
            var opcode: UInt8?
            var isMasked: Bool
            var payload: ByteBuffer
        }

        var frames: [Frame] = []
        var hasFailed = false
    }

    private func ours(_ pieces: [ByteBuffer]) -> Reading {
        var reader = FrameReader()
        var reading = Reading()
        do {
            for piece in pieces {
                reader.received(piece)
                while let frame = try reader.next(maxPayload: Self.maxPayload) {
                    reading.frames.append(
                        Reading.Frame(
                            isFinal: frame.isFinal,
                            bits: [frame.isCompressed, frame.hasUnknownBits],
                            opcode: frame.opcode?.rawValue,
                            isMasked: frame.isMasked,
                            payload: frame.payload
                        )
                    )
                }
            }
        } catch { reading.hasFailed = true }
        return reading
    }

    private func theirs(_ pieces: [ByteBuffer]) throws -> Reading {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: Self.maxPayload)))
        var reading = Reading()
        do { for piece in pieces { try channel.writeInbound(piece) } } catch { reading.hasFailed = true }
        while let frame = try channel.readInbound(as: WebSocketFrame.self) {
            let opcode = UInt8(webSocketOpcode: frame.opcode)
            reading.frames.append(
                Reading.Frame(
                    isFinal: frame.fin,
                    bits: [frame.rsv1, frame.rsv2 || frame.rsv3],
                    opcode: ReceivedFrame.Opcode(rawValue: opcode)?.rawValue,
                    isMasked: frame.maskKey != nil,
                    payload: frame.unmaskedData
                )
            )
        }
        _ = try? channel.finish(acceptAlreadyClosed: true)
        return reading
    }

    /// A frame, now and then one that may not be.
    private func frame(_ generator: inout SeededGenerator) -> [UInt8] {
        let isOdd = Int.random(in: 0..<40, using: &generator) == 0
        let opcode: UInt8 = [0, 1, 2, 8, 9, 10, isOdd ? 3 : 1, isOdd ? 11 : 2].randomElement(using: &generator) ?? 1
        let isControl = opcode & 8 != 0
        var first = opcode | (isControl || Bool.random(using: &generator) ? 0x80 : 0)
        if Int.random(in: 0..<4, using: &generator) == 0 { first |= UInt8.random(in: 0..<8, using: &generator) << 4 }
        if isOdd { first = UInt8.random(in: 0...255, using: &generator) }
        let most = [0, 10, 125, 130, Self.maxPayload].randomElement(using: &generator) ?? 0
        let longest = isOdd ? Self.maxPayload + 2 : isControl ? 125 : most
        let payload = (0..<Int.random(in: 0...longest, using: &generator)).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let isMasked = Int.random(in: 0..<5, using: &generator) > 0
        var bytes = [first]
        let bit: UInt8 = isMasked ? 0x80 : 0
        // Lengths may be written longer than they need be.
        let width = payload.count > 125 || isOdd ? (Bool.random(using: &generator) ? 2 : 8) : 0
        switch width {
        case 0: bytes.append(bit | UInt8(payload.count))
        case 2: bytes += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default: bytes += [bit | 127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        guard isMasked else { return bytes + payload }
        let mask = (0..<4).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func bothReadTheSame(_ seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        var (frames, failures) = (0, 0)
        for _ in 0..<2_000 {
            var bytes = (0..<Int.random(in: 1...6, using: &generator)).flatMap { _ in frame(&generator) }
            if Int.random(in: 0..<20, using: &generator) == 0 {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            var pieces: [ByteBuffer] = []
            var rest = bytes[...]
            while !rest.isEmpty {
                let count = Int.random(in: 1...[1, 3, 40, 2_000][Int.random(in: 0..<4, using: &generator)], using: &generator)
                pieces.append(ByteBuffer(bytes: rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            let reading = ours(pieces)
            guard try reading == theirs(pieces) else {
                Issue.record("of \(bytes) ours made \(reading), theirs \(try theirs(pieces))")
                return
            }
            frames += reading.frames.count
            failures += reading.hasFailed ? 1 : 0
        }
        #expect(frames > 3_000)
        #expect(failures > 50)
    }
}
