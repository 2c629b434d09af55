import ArgumentParser
import Foundation
import JSONScan

/// `moonx publish`: publishes one envelope, or one a line from standard input.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish an event to a running gateway, or to all gateways on a Redis.",
        discussion: """
            Example: moonx publish price_update --symbol BTC-USDC --data '{"price":"105433.60000"}'
            Without a type, whole envelopes are read from standard input, one a line.
            """
    )

    @OptionGroup var config: ConfigurationOption
    @OptionGroup var target: PublishTarget

    @Argument(help: "The event's type, such as price_update or system_alert.")
    var type: String?

    @Option(help: "The trading pair.")
    var symbol: String?

    @Option(help: "The user whom the event concerns.")
    var user: String?

    @Option(help: "An id by which repeats are recognised.")
    var id: String?

    @Option(help: "The payload: a JSON object.")
    var data: String?

    func validate() throws {
        guard (type == nil) == (data == nil) else { throw ValidationError("a type and --data go together") }
    }

    func run() async throws {
        try await target.withPublisher { publisher in
            if let type, let data {
                // The payload is spliced in as it is written, so it must be sound by itself.
                guard (try? JSONObject(Array(data.utf8))) != nil else { throw ValidationError("--data is not a JSON object") }
                try await publisher.publish([envelope(type: type, data: data)])
            } else {
                try await publishLines(publisher)
            }
        }
    }

    private func publishLines(_ publisher: any Publishing) async throws {
        var number = 0
        while let line = readLine() {
            number += 1
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            do { try await publisher.publish([line]) } catch {
                throw PublishFailure(description: "line \(number): \(error)")
            }
        }
    }

    private func envelope(type: String, data: String) -> String {
        var members = ["\"type\":\(JSONString.literal(type))"]
        if let symbol { members.append("\"symbol\":\(JSONString.literal(symbol))") }
        if let user { members.append("\"userId\":\(JSONString.literal(user))") }
        if let id { members.append("\"id\":\(JSONString.literal(id))") }
        return "{\(members.joined(separator: ",")),\"data\":\(data)}"
    }
}
