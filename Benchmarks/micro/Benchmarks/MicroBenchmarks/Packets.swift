import Benchmark
import EngineIO
import EngineIOCore
import NIOCore
import SocketIO
import SocketIOCore

/// Packets in and out.
func packets() {
    Benchmark("Engine.IO: the query of a handshake") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(EngineQuery("EIO=4&transport=polling&t=Pn3Xk0a&sid=lv_VI97HAXpY6yYWAAAC")) }
    }
    Benchmark("Engine.IO: a body of 16 packets") { benchmark in
        let body = ByteBuffer(string: Array(repeating: "42[\"ping\"]", count: 16).joined(separator: "\u{1E}"))
        for _ in benchmark.scaledIterations { blackHole(try PollingPayload.decode(body)) }
    }
    Benchmark("Socket.IO: an event with an ack, read") { benchmark in
        var assembler = PacketAssembler()
        for _ in benchmark.scaledIterations { blackHole(try assembler.received(text: Samples.ping)) }
    }
    Benchmark("Socket.IO: an event as the frame that a room shares") { benchmark in
        let arguments = ByteBuffer(string: Samples.update)
        for _ in benchmark.scaledIterations { blackHole(OutgoingEvent("price_update", json: arguments)) }
    }
    Benchmark("Socket.IO: an ack, written") { benchmark in
        let arguments = ByteBuffer(string: #"{"success":true}"#)
        for _ in benchmark.scaledIterations {
            var buffer = ByteBuffer()
            SocketPacket.writeAck(17, arguments: arguments, attachmentCount: 0, into: &buffer)
            blackHole(buffer)
        }
    }
}
