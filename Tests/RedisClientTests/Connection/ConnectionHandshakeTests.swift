import NIOCore
import RESP
import Testing

@testable import RedisClient

@Suite("ConnectionHandshake")
struct ConnectionHandshakeTests {
    private static func handshake(_ url: String) throws -> ConnectionHandshake { ConnectionHandshake(try RedisConfiguration(url: url)) }

    private static func line(_ action: ConnectionHandshake.Action) -> String {
        switch action {
        case .send(let command):
            ([command.name]
                + command.arguments.map { argument in
                    switch argument {
                    case .string(let text): text
                    case .integer(let integer): "\(integer)"
                    case .buffer(let bytes): String(buffer: bytes)
                    }
                }).joined(separator: " ")
        case .ready(let greeting): "ready \(greeting.protocolVersion) \(greeting.isCluster.map { "\($0)" } ?? "?")"
        case .failed(let error): "\(error.code): \(error.message)"
        }
    }

    private static func hello(_ version: Int64, _ mode: String) -> RESPValue {
        .map([RESPPair(.simpleString("proto"), .integer(version)), RESPPair(.simpleString("mode"), .simpleString(mode))])
    }

    @Test func versionThreeIsOneCommand() throws {
        var handshake = try Self.handshake("redis://localhost")
        #expect(Self.line(handshake.opened()) == "HELLO 3")
        #expect(Self.line(handshake.received(Self.hello(3, "standalone"))) == "ready 3 false")
        #expect(Self.line(handshake.received(.simpleString("OK"))).hasPrefix("protocolViolation"))
    }

    @Test func userNameAndDatabaseFollow() throws {
        var handshake = try Self.handshake("redis://bob:secret@localhost/2?name=node-1")
        #expect(Self.line(handshake.opened()) == "HELLO 3 AUTH bob secret")
        #expect(Self.line(handshake.received(Self.hello(3, "cluster"))) == "CLIENT SETNAME node-1")
        // The name is for people only.
        #expect(Self.line(handshake.received(.error(RESPError("NOPERM no client command")))) == "SELECT 2")
        #expect(Self.line(handshake.received(.simpleString("OK"))) == "ready 3 true")
    }

    @Test(arguments: ["ERR unknown command `HELLO`, with args", "NOPERM this user has no permissions", "NOPROTO unsupported version"])
    func aServerWithoutHelloIsSpokenToInVersionTwo(_ error: String) throws {
        var handshake = try Self.handshake("redis://:secret@localhost")
        #expect(Self.line(handshake.opened()) == "HELLO 3 AUTH default secret")
        #expect(Self.line(handshake.received(.error(RESPError(error)))) == "AUTH secret")
        #expect(Self.line(handshake.received(.simpleString("OK"))) == "ready 2 ?")

        handshake = try Self.handshake("redis://localhost/1")
        _ = handshake.opened()
        #expect(Self.line(handshake.received(.error(RESPError(error)))) == "SELECT 1")
        let refused = Self.line(handshake.received(.error(RESPError("ERR DB index is out of range"))))
        #expect(refused == "configuration: Redis refuses database 1: choose another")
    }

    @Test func aWrongPasswordIsTheEnd() throws {
        var handshake = try Self.handshake("redis://bob:secret@localhost")
        _ = handshake.opened()
        let error = Self.line(handshake.received(.error(RESPError("WRONGPASS invalid username-password pair or user is disabled."))))
        #expect(error == "configuration: Redis does not accept user and password: check those in the URL")

        handshake = try Self.handshake("redis://bob:secret@localhost")
        _ = handshake.opened()
        #expect(Self.line(handshake.received(.error(RESPError("ERR unknown command")))) == "AUTH bob secret")
        #expect(Self.line(handshake.received(.error(RESPError("WRONGPASS invalid")))).hasPrefix("configuration"))
    }

    @Test func aMissingPasswordIsSaid() throws {
        var handshake = try Self.handshake("redis://localhost")
        _ = handshake.opened()
        let error = Self.line(handshake.received(.error(RESPError("NOAUTH HELLO must be called with the client already authenticated"))))
        #expect(error == "configuration: Redis asks for a password: put it into the URL (redis://user:password@…)")
    }

    @Test func aServerThatIsFullIsTriedAgain() throws {
        var handshake = try Self.handshake("redis://localhost")
        _ = handshake.opened()
        #expect(Self.line(handshake.received(.error(RESPError("ERR max number of clients reached")))).hasPrefix("connection"))
    }
}
