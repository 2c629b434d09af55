import Benchmark
import NIOCore
import RESP

/// What Redis says.
func redis() {
    Benchmark("RESP: a message of a channel") { benchmark in
        let text = Samples.price
        let push = ByteBuffer(string: ">3\r\n$7\r\nmessage\r\n$27\r\nmoonx:events:price:BTC-USDC\r\n$\(text.utf8.count)\r\n\(text)\r\n")
        var parser = RESPParser()
        for _ in benchmark.scaledIterations {
            var bytes = push
            blackHole(try parser.next(from: &bytes))
        }
    }
}
