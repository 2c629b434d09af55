import Testing

@testable import SocketIORedis

@Suite("Names of streams")
struct StreamNamesTests {
    @Test func oneStreamHasNoNumber() {
        let names = StreamNames("socket.io", count: 1)
        #expect(names.all == ["socket.io"])
        #expect(names.name(for: "/trading") == "socket.io")
    }

    /// Hashes by `hashCode` of the reference: 47, 1451639873, 46457863.
    @Test(arguments: [("/", 2), ("/other", 2), ("/chat", 1)])
    func eachNamespaceHasOneOfSeveral(_ namespace: String, _ number: Int) {
        #expect(StreamNames("socket.io", count: 3).name(for: namespace) == "socket.io-\(number)")
    }

    /// -759660014 % 3 is -2, in JavaScript too.
    @Test func aNegativeHashIsWrittenWhereAllReadAndReadWhereTheReferenceWrites() {
        let names = StreamNames("socket.io", count: 3)
        #expect(names.name(for: "/trading") == "socket.io-2")
        #expect(names.all == ["socket.io--2", "socket.io--1", "socket.io-0", "socket.io-1", "socket.io-2"])
    }
}
