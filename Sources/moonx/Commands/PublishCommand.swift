import ArgumentParser
import Foundation
import GatewayDomain
import JSONScan

/// `moonx publish`: publishes one envelope, or one a line from standard input.
struct PublishCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "publish",
        abstract: "Publish an event to a running gateway, or to all gateways on a Redis.",
        discussion: """
            With a type and --data: one event. Without: whole envelopes from standard input, one a line.
            The gateway is that of `moonx up` in the same folder, unless --url and --data-dir or --service-token-file say otherwise.
            Types: \(EventType.allCases.map(\.rawValue).joined(separator: ", ")).

            Examples:
              moonx publish price_update --symbol BTC-USDC --data '{"price":"105433.60000"}'
              moonx publish notification --user demo-user-0001 --data '{"title":"Hello","body":"It works"}'
              moonx publish system_alert --data '{"level":"info","message":"Maintenance at noon"}'
              moonx publish < envelopes.jsonl

            A line that is refused is named on standard error, and the others are published.

            Status 0: all is published. 1: the gateway refuses an envelope or cannot be reached. 64: wrong usage.
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

    @Flag(help: "Print a JSON object: {\"published\"}. Default: off")
    var json = false

    func validate() throws {
        guard (type == nil) == (data == nil) else {
            throw ValidationError("a type and --data go together; without both, envelopes are read from standard input")
        }
        guard let type else {
            if symbol != nil || user != nil || id != nil {
                throw ValidationError("--symbol, --user and --id are for one event with a type; an envelope on standard input has its own")
            }
            return
        }
        guard let known = EventType(rawValue: type) else {
            throw ValidationError(
                "there is no type \(type); it must be one of \(EventType.allCases.map(\.rawValue).joined(separator: ", "))"
            )
        }
        if known.needsSymbol, symbol == nil { throw ValidationError("\(type) needs --symbol, such as BTC-USDC") }
        if known.needsUserID, user == nil { throw ValidationError("\(type) needs --user") }
    }

    func run() async throws {
        try await target.withPublisher { publisher in
            if let type, let data {
                // The payload is spliced in as it is written, so it must be sound by itself.
                guard (try? JSONObject(Array(data.utf8))) != nil else { throw ValidationError("--data is not a JSON object") }
                try await publisher.publish([envelope(type: type, data: data)])
                report(1)
            } else {
                try await publishLines(publisher)
            }
        }
    }

    private func publishLines(_ publisher: any Publishing) async throws {
        var (number, published, refused) = (0, 0, 0)
        while let line = readLine() {
            number += 1
            guard !line.allSatisfy(\.isWhitespace) else { continue }
            do {
                try await publisher.publish([line])
                published += 1
            } catch let failure as PublishFailure where failure.isRefusal {
                refused += 1
                StandardError.write("line \(number): \(failure)\n")
            } catch {
                throw PublishFailure(description: "line \(number): \(error)")
            }
        }
        report(published)
        if refused > 0 { throw PublishFailure(description: "\(refused) of \(refused + published) envelopes were refused") }
    }

    private func report(_ published: Int) {
        if json { print("{\"published\":\(published)}") }
    }

    private func envelope(type: String, data: String) -> String {
        var members = ["\"type\":\(JSONString.literal(type))"]
        if let symbol { members.append("\"symbol\":\(JSONString.literal(symbol))") }
        if let user { members.append("\"userId\":\(JSONString.literal(user))") }
        if let id { members.append("\"id\":\(JSONString.literal(id))") }
        return "{\(members.joined(separator: ",")),\"data\":\(data)}"
    }
}
