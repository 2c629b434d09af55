import CZlib
import NIOCore
import TestSupport
import Testing

@testable import EngineIO

@Suite("HTTP compression")
struct HTTPCompressionTests {
    private let path = RawConnection.enginePath
    private let long = "4" + String(repeating: "all work and no play ", count: 100)

    /// Expands gzip and zlib alike.
    private func expanded(_ bytes: ByteBuffer) -> String {
        var output = [UInt8](repeating: 0, count: 1 << 16)
        var stream = z_stream()
        return bytes.withUnsafeReadableBytes { input in
            output.withUnsafeMutableBufferPointer { target in
                guard CZlib_inflateInit2(&stream, 15 + 32) == Z_OK else { return "" }
                defer { inflateEnd(&stream) }
                stream.next_in = UnsafeMutablePointer(mutating: input.bindMemory(to: UInt8.self).baseAddress)
                stream.avail_in = UInt32(input.count)
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                guard inflate(&stream, Z_FINISH) == Z_STREAM_END else { return "" }
                return String(decoding: target[..<Int(stream.total_out)], as: UTF8.self)
            }
        }
    }

    @Test(arguments: [("gzip, deflate, br", "gzip"), ("deflate;q=0.9, gzip;q=0.1", "deflate")])
    func aLongAnswerIsCompressedAsTheClientLikesIt(_ accepted: String, _ coding: String) async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            for _ in 0..<2 {
                #expect(try await client.post(sid, long).body == "ok")
                let answer = try await client.exchange("GET", path + "&sid=\(sid)", headers: ["Accept-Encoding: \(accepted)"])
                #expect(answer.headers["content-encoding"] == coding)
                #expect(answer.headers["content-type"] == "text/plain; charset=UTF-8")
                #expect(answer.headers["vary"] == "Origin, Accept-Encoding")
                #expect(answer.bytes.readableBytes < 200)
                #expect(expanded(answer.bytes) == long)
            }
        }
    }

    @Test func whoDoesNotAskForItGetsPlainText() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            for headers in [[], ["Accept-Encoding: br"], ["Accept-Encoding: gzip;q=0"]] {
                #expect(try await client.post(sid, long).body == "ok")
                let answer = try await client.exchange("GET", path + "&sid=\(sid)", headers: headers)
                #expect(answer.headers["content-encoding"] == nil)
                #expect(answer.body == long)
            }
        }
    }

    @Test func shortAnswersAreNotCompressed() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            for count in [1022, 1023] {
                let text = "4" + String(repeating: "a", count: count)
                #expect(try await client.post(sid, text).body == "ok")
                let answer = try await client.exchange("GET", path + "&sid=\(sid)", headers: ["Accept-Encoding: gzip"])
                #expect(answer.headers["content-encoding"] == (count == 1023 ? "gzip" : nil))
            }
        }
    }

    @Test func itMayBeSwitchedOffForAllOrForAFrame() async throws {
        try await EchoServer.run { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            try await server.broadcast(OutboundFrame(capacity: 0, isCompressible: false) { $0.writeString(long) })
            let answer = try await client.exchange("GET", path + "&sid=\(sid)", headers: ["Accept-Encoding: gzip"])
            #expect(answer.body == long)
        }
        try await EchoServer.run {
            $0.httpCompression = nil
        } _: { server in
            let client = try await server.connect()
            let sid = try await client.openPolling()
            #expect(try await client.post(sid, long).body == "ok")
            let answer = try await client.exchange("GET", path + "&sid=\(sid)", headers: ["Accept-Encoding: gzip"])
            #expect(answer.body == long)
            #expect(answer.headers["vary"] == "Origin")
        }
    }
}
