import GatewayDomain
import NIOCore
import SocketIO
import SocketIOCore
import TestSupport
import Testing

@testable import Gateway

@Suite("SessionText")
struct SessionTextTests {
    private let node: NodeID
    private let other: NodeID

    init() {
        var generator = SeededGenerator(seed: 3)
        node = NodeID(startedAt: 1_764_190_000_000, using: &generator)
        other = NodeID(startedAt: 1_764_190_000_000, using: &generator)
    }

    private func session() throws -> SavedSession {
        var (first, second) = (SourcePositions(count: 3), SourcePositions(count: 3))
        first.advance(to: SourcePlace(source: 0, id: SourceID(milliseconds: 1_764_190_000_000, number: 2)))
        second.advance(to: SourcePlace(source: 2, id: SourceID(milliseconds: 1_764_190_000_001, number: 0)))
        let principal = Principal(
            userID: UserID("alice-0001"),
            role: "a \"role\"",
            groups: ["traders-1"],
            tokenID: "jti-1",
            expiresAt: 5,
            issuedAt: 4
        )
        let rooms: [String: UInt64] = ["trade:BTC-USDC": 7, "*trade": 9, "@alice-0001": 1, "%bob-000002": 2]
        return SavedSession(
            pid: "p",
            socketID: "s",
            namespace: "/",
            data: SavedClient(principal: principal, watched: [try #require(UserID("bob-000002"))], savedAt: .milliseconds(3)),
            epoch: "e",
            reader: RecoveryReader(socketID: "s", connectedAt: 6, rooms: rooms),
            shared: SharedPlaces(connectedAt: first, rooms: ["trade:BTC-USDC": first, "*trade": second]),
            isFromElsewhere: true
        )
    }

    @Test func aSessionIsReadAsItWasWritten() throws {
        let session = try session()
        let text = try #require(SessionText(node: node).write(session))
        let read = try #require(SessionText(node: node).read(Array(text.utf8), pid: "p"))
        #expect(read.data as? SavedClient == session.data as? SavedClient)
        #expect(read.shared == session.shared)
        // Rooms that others bring the client into are none of the session's.
        #expect(read.reader == RecoveryReader(socketID: "s", connectedAt: 6, rooms: ["trade:BTC-USDC": 7, "*trade": 9]))
        #expect(read.pid == "p" && read.socketID == "s" && read.namespace == "/" && read.epoch == "e" && read.isFromElsewhere)
        // The private id is what a client shows; it is in no text.
        #expect(!text.contains("\"p\""))
    }

    @Test func theClockOfAnotherNodeSaysNothing() throws {
        let text = try #require(SessionText(node: node).write(try session()))
        let read = try #require(SessionText(node: other).read(Array(text.utf8), pid: "p"))
        #expect((read.data as? SavedClient)?.savedAt == nil)
    }

    @Test func damagedTextIsNoSessionAndNoCrash() throws {
        let text = Array(try #require(SessionText(node: node).write(try session())).utf8)
        for length in 0..<text.count { #expect(SessionText(node: node).read(Array(text.prefix(length)), pid: "p") == nil) }
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<5_000 {
            var damaged = text
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            _ = SessionText(node: node).read(damaged, pid: "p")
        }
    }
}
