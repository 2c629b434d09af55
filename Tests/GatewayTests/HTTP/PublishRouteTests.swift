import AsyncHTTPClient
import JSONScan
import NIOCore
import SocketIOClient
import Testing

@testable import Gateway

@Suite("POST /api/v1/events", .timeLimit(.minutes(1)))
struct PublishRouteTests {
    private let alert = #"{"type":"system_alert","data":{"n":1},"timestamp":1}"#

    @Test func oneEnvelope() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            let answer = try await gateway.publish(alert)
            #expect(answer.status == 202)
            #expect(answer.body == #"{"accepted":1}"#)
            #expect(try await client.next() == #"system_alert {"n":1,"timestamp":1}"#)
            await client.disconnect()
        }
    }

    @Test func anArrayInOrderWithWhatWasWrongByItsIndex() async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            let last = #"{"type":"system_alert","data":{"n":2},"timestamp":2}"#
            let answer = try await gateway.publish("[\(alert), {\"type\":\"price_update\",\"data\":{}}, 7,\(last)]")
            #expect(answer.status == 202)
            let body = try JSONObject(Array(answer.body.utf8))
            #expect(body.integer("accepted") == 2)
            let prefix =
                #"[{"index":1,"code":"INVALID_MESSAGE","message":"`price_update` needs a `symbol`"},{"index":2,"code":"INVALID_MESSAGE","#
            #expect(body.raw("errors").map { String(decoding: $0, as: UTF8.self) }?.hasPrefix(prefix) == true)
            #expect(try await client.next() == #"system_alert {"n":1,"timestamp":1}"#)
            #expect(try await client.next() == #"system_alert {"n":2,"timestamp":2}"#)
            #expect(try await gateway.metric("moonx_publish_accepted_total") == 2)
            #expect(try await gateway.metric("moonx_publish_malformed_total") == 2)
            await client.disconnect()
        }
    }

    /// What is larger is read off the event loop; nothing else is different about it.
    @Test(arguments: [1, 2000])
    func smallRequestsAndLargeOnes(_ count: Int) async throws {
        try await TestGateway.run { gateway in
            let client = try await gateway.connect()
            let envelopes = (0..<count).map { #"{"type":"system_alert","data":{"n":\#($0)},"timestamp":1}"# }
            let body = "[" + envelopes.joined(separator: ",") + "]"
            #expect((body.utf8.count > PublishRoute.maximumAtOnce) == (count > 1))
            let answer = try await gateway.publish(body)
            #expect(answer.status == 202)
            #expect(answer.body == #"{"accepted":\#(count)}"#)
            for number in 0..<count { #expect(try await client.next() == #"system_alert {"n":\#(number),"timestamp":1}"#) }
            #expect(try await gateway.metric("moonx_publish_accepted_total") == count)
            await client.disconnect()
        }
    }

    @Test(arguments: ["", "nonsense", "{", "[", "{}", "[]", "[{}]", "[{},{}]", "1", "\"x\"", #"{"type":"price_update","data":{}}"#])
    func whereNothingIsAcceptedTheAnswerIs400(_ body: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.publish(body)
            #expect(answer.status == 400)
            let object = try JSONObject(Array(answer.body.utf8))
            let error = try JSONObject(Array(try #require(object.raw("error"))))
            #expect(error.string("code") == "INVALID_MESSAGE")
            #expect(error.string("message")?.isEmpty == false)
        }
    }

    @Test func tooManyEnvelopesAreRefusedWhole() async throws {
        try await TestGateway.run { gateway in
            let most = PublishRoute.maximumEnvelopes
            let answer = try await gateway.publish("[" + Array(repeating: "{}", count: most + 1).joined(separator: ",") + "]")
            #expect(answer.status == 400)
            #expect(answer.body.contains("\(most)"))
            #expect(
                try await gateway.publish("[" + Array(repeating: alert, count: 100).joined(separator: ",") + "]").body
                    == #"{"accepted":100}"#
            )
        }
    }

    @Test(arguments: [nil, "", "a service token of the test", "another token of somebody"])
    func withoutTheTokenTheAnswerIs401(_ token: String?) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.publish(alert, token: token)
            #expect(answer.status == 401)
            #expect(answer.body.hasPrefix(#"{"error":{"code":"AUTH_REQUIRED""#))
            #expect(try await gateway.get("/stats", token: token).status == 401)
            #expect(try await gateway.metric("moonx_publish_accepted_total") == 0)
        }
    }

    @Test func whereNoTokenIsConfiguredItIsOff() async throws {
        try await TestGateway.run {
            $0.serviceToken = nil
        } _: { gateway in
            for token in [nil, TestGateway.serviceToken] {
                let published = try await gateway.publish(alert, token: token)
                #expect(published.status == 404)
                let stats = try await gateway.get("/stats", token: token)
                #expect(stats.status == 404)
            }
        }
    }
}
