import Benchmark
import JSONScan
import MessagePack
import NIOCore
import SocketIOCore

/// From the bytes of a publisher or a client to what is needed of them.
func scanning() {
    let price = Array(Samples.price.utf8)
    let book = Array(Samples.book.utf8)

    Benchmark("JSON: members of a published price") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try JSONObject(price)) }
    }
    Benchmark("JSON: members of an order book of 50 levels") { benchmark in
        for _ in benchmark.scaledIterations { blackHole(try JSONObject(book)) }
    }
    Benchmark("MessagePack: an order book as a packet") { benchmark in
        let packet = SocketPacket(kind: .event, json: ByteBuffer(string: "[\"order_book_update\",\(Samples.book)]"))
        for _ in benchmark.scaledIterations { blackHole(packet.messagePack()) }
    }
    Benchmark("MessagePack: a packet with an order book as JSON") { benchmark in
        let message = SocketPacket(kind: .event, json: ByteBuffer(string: "[\"order_book_update\",\(Samples.book)]")).messagePack()
        for _ in benchmark.scaledIterations { blackHole(try SocketPacket.decode(messagePack: message)) }
    }
}
