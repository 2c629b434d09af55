import NIOCore
import SocketIOCore
import Testing

@testable import Gateway

@Suite("BridgeRules")
struct BridgeRulesTests {
    private func admits(_ body: ClusterMessage.Body) -> Bool {
        BridgeRules(maximumBytes: 100).admits(ClusterMessage(sender: ClusterMessage.emitter, namespace: "/", body: body))
    }

    private func event(_ array: String, _ attachments: String...) -> ClusterEvent {
        ClusterEvent(array: ByteBuffer(string: array), attachments: attachments.map { ByteBuffer(string: $0) })
    }

    @Test func eventsGoToRoomsThatClientsKnow() {
        for room in ["trade:BTC-USDC", "user:alice-0001", "group:traders-1", "lobby", "aSocketIDOfTwentyChar"] {
            #expect(admits(.broadcast(event(#"["news",1]"#), ClusterOptions(rooms: [room]), requestID: nil)))
        }
        #expect(admits(.broadcast(event(#"["news"]"#), ClusterOptions(except: ["@alice-0001"]), requestID: "r")))
        for room in ["@alice-0001", "*trade", "%alice-0001", ""] {
            #expect(!admits(.broadcast(event(#"["news",1]"#), ClusterOptions(rooms: ["lobby", room]), requestID: nil)))
        }
    }

    @Test func anEventHasANameOfItsOwnAndASizeThatAClientTakes() {
        for array in [#"["connect"]"#, #"["disconnect",1]"#, "[]", "[1]", "{}", "", #"["news""#] {
            #expect(!admits(.broadcast(event(array), ClusterOptions(), requestID: nil)))
        }
        let long = String(repeating: "x", count: 90)
        #expect(admits(.broadcast(event(#"["n","\#(long)"]"#), ClusterOptions(), requestID: nil)))
        #expect(!admits(.broadcast(event(#"["news","\#(long)"]"#), ClusterOptions(), requestID: nil)))
        let binary = #"["n",{"_placeholder":true,"num":0}]"#
        #expect(!admits(.broadcast(event(binary, long), ClusterOptions(), requestID: nil)))
        #expect(admits(.broadcast(event(binary, "x"), ClusterOptions(), requestID: nil)))
    }

    @Test func whoIsInARoomOfTheGatewaysTheGatewayDecides() {
        let somebody = ClusterOptions(rooms: ["aSocketIDOfTwentyChar"])
        #expect(admits(.socketsJoin(somebody, rooms: ["lobby"])))
        #expect(admits(.socketsLeave(somebody, rooms: ["lobby"])))
        for room in ["user:bob-000002", "trade:BTC-USDC", "group:traders-1", "*trade", "@bob-000002", "%bob-000002"] {
            #expect(!admits(.socketsJoin(somebody, rooms: ["lobby", room])))
            #expect(!admits(.socketsLeave(somebody, rooms: [room])))
        }
        let many = (0...BridgeRules.maximumRooms).map { "r\($0)" }
        #expect(!admits(.socketsJoin(somebody, rooms: many)))
        #expect(!admits(.fetchSockets(ClusterOptions(rooms: many), requestID: "r")))
        #expect(admits(.fetchSockets(ClusterOptions(), requestID: "r")))
        #expect(admits(.disconnectSockets(somebody, close: true)))
    }
}
