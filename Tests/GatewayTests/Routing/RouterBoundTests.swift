import GatewayDomain
import JSONScan
import NIOCore
import NIOPosix
import SocketIOClient
import Testing

@testable import Gateway

@Suite("The bounds of EventRouter", .timeLimit(.minutes(1)))
struct RouterBoundTests {
    private func router(_ configuration: EventRouter.Configuration = .init()) -> EventRouter {
        EventRouter(eventLoop: MultiThreadedEventLoopGroup.singleton.next(), loopCount: 1, configuration: configuration)
    }

    private func publish(_ json: String, to router: EventRouter) async throws {
        try await InMemoryBus(router: router).publish([try Envelope(json: Array(json.utf8))])
    }

    /// A pair for each number up to 99.
    private func pair(_ number: Int) -> String {
        let letters = Array("ABCDEFGHIJ")
        return "X\(letters[number / 10])\(letters[number % 10])-USDC"
    }

    @Test func lastValuesOfRoomsWithoutMembersAreBounded() async throws {
        var configuration = EventRouter.Configuration()
        configuration.maxEmptyRooms = 20
        let router = self.router(configuration)
        for number in 0..<100 {
            try await publish(#"{"type":"portfolio_update","userId":"user-\#(1000 + number)","data":{}}"#, to: router)
            #expect(await router.currentStatistics().rooms <= 20)
        }
        let statistics = await router.currentStatistics()
        #expect(statistics.rooms + statistics.evictedRooms == 100)
        #expect(statistics.published[.portfolioUpdate] == 100)
        #expect(statistics.published.total == 100)
        #expect(statistics.roomsWithMembers == 0)
    }

    @Test func roomsWithMembersAreNoReasonToForgetOthers() async throws {
        try await TestGateway.run({ $0.router.maxEmptyRooms = 5 }) { gateway in
            try await gateway.server.publish(json: #"{"type":"price_update","symbol":"BTC-USDC","data":{"n":7}}"#)
            let client = try await gateway.connect()
            for number in 10..<40 { try await client.joined("price:\(pair(number))") }
            #expect(try await gateway.metric("moonx_rooms_evicted_total") == 0)
            try await client.joined("price:BTC-USDC")
            #expect(try await client.next("price_update").integer("n") == 7)
            await client.disconnect()
        }
    }

    @Test func roomsThatSomebodyHasJustLeftAreForgottenLast() async throws {
        try await TestGateway.run({ $0.router.maxEmptyRooms = 20 }) { gateway in
            let client = try await gateway.connect()
            try await client.joined("price:BTC-USDC")
            try await gateway.server.publish(json: #"{"type":"price_update","symbol":"BTC-USDC","data":{"n":7}}"#)
            _ = try await client.next("price_update")
            _ = try await client.ask("leave_room", #"{"room":"price:BTC-USDC"}"#)
            _ = try await client.event("room_left", within: .seconds(30))
            for number in 10..<70 {
                try await gateway.server.publish(json: #"{"type":"price_update","symbol":"\#(pair(number))","data":{}}"#)
            }
            #expect(try await gateway.metric("moonx_rooms_evicted_total") == 42)
            try await client.joined("price:BTC-USDC")
            #expect(try await client.next("price_update").integer("n") == 7)
            await client.disconnect()
        }
    }

    @Test func rememberedIDsAreBounded() async throws {
        var configuration = EventRouter.Configuration()
        configuration.maxRememberedIDs = 5
        let router = self.router(configuration)
        for number in 0..<10 { try await publish(#"{"type":"system_alert","id":"\#(number)","data":{}}"#, to: router) }
        try await publish(#"{"type":"system_alert","id":"9","data":{}}"#, to: router)
        let statistics = await router.currentStatistics()
        #expect(statistics.rememberedIDs == 5)
        #expect(statistics.duplicates == 1)
    }

    @Test func valuesOverTheBoundOfTheirRoomAreCounted() async throws {
        let router = self.router()
        for number in 1...RoomChannel.maximumLastValues + 3 {
            try await publish(#"{"type":"chart_update","symbol":"BTC","data":{"interval":"\#(number)m"}}"#, to: router)
        }
        try await publish(#"{"type":"chart_update","symbol":"BTC","data":{"interval":"1m"}}"#, to: router)
        #expect(await router.currentStatistics().forgottenValues == 3)
    }

    @Test func booksOverTheBoundOnLevelsAreCounted() async throws {
        var configuration = EventRouter.Configuration()
        configuration.bookLevels = 2
        let router = self.router(configuration)
        func book(_ levels: String, isDelta: Bool) async throws {
            let delta = isDelta ? #","delta":true"# : ""
            try await publish(
                #"{"type":"order_book_update","symbol":"BTC-USDC"\#(delta),"data":{"bids":[\#(levels)],"asks":[]}}"#,
                to: router
            )
        }
        // The gateway keeps the book once changes of it are published.
        try await book(#"["1","1"]"#, isDelta: true)
        try await book(#"["1","1"],["2","1"]"#, isDelta: false)
        #expect(await router.currentStatistics().oversizedBooks == 0)
        try await book(#"["3","1"]"#, isDelta: true)
        try await book(#"["1","1"],["2","1"],["3","1"]"#, isDelta: false)
        try await book(#"["1","1"],["2","1"]"#, isDelta: false)
        // Each level gone and as many come is the most that one change can be.
        try await book(#"["1","0"],["2","0"],["3","1"],["4","1"]"#, isDelta: true)
        #expect(await router.currentStatistics().oversizedBooks == 2)
        try await book(#"["1","0"],["2","0"],["3","0"],["4","0"],["5","0"]"#, isDelta: true)
        let statistics = await router.currentStatistics()
        #expect(statistics.oversizedBooks == 3)
        // Without a book, and with one that cannot be read.
        try await book(#"["3","1"]"#, isDelta: true)
        try await book(#"["x","1"]"#, isDelta: false)
        let later = await router.currentStatistics()
        #expect(later.oversizedBooks == 3)
        #expect(later.droppedDeltas == 2)
        #expect(later.malformedBooks == 1)
    }

    @Test func droppedMembersAreCounted() async throws {
        let router = self.router()
        try await publish(#"{"type":"system_alert","data":{"seq":1,"epoch":2,"text":"x"}}"#, to: router)
        #expect(await router.currentStatistics().droppedMembers == 2)
    }

    @Test func whatNobodyWantsLeavesNoRoom() async throws {
        let router = self.router()
        try await publish(#"{"type":"trade_notification","symbol":"BTC-USDC","userId":"alice-0001","data":{}}"#, to: router)
        try await publish(#"{"type":"order_update","userId":"alice-0001","data":{}}"#, to: router)
        #expect(await router.currentStatistics().rooms == 0)
        try await publish(#"{"type":"price_update","symbol":"BTC-USDC","data":{}}"#, to: router)
        #expect(await router.currentStatistics().rooms == 1)
    }
}
