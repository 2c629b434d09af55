import ArgumentParser
import Foundation
import JSONScan
import NIOCore
import SocketIOClient
import SocketIOCore
import UnixSignals

/// `moonx listen`: a client in the terminal.
struct ListenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "listen",
        abstract: "Join rooms of a running gateway and print what arrives, one JSON object a line.",
        discussion: """
            Each line is {"event": …, "data": …}, as programs like it.

            Examples:
              MOONX_TOKEN=$(moonx token --user demo-user-0001) moonx listen price:BTC-USDC trade:BTC-USDC
              moonx listen orderbook:BTC-USDC --token "$TOKEN" --count 10 | jq .data.bids[0]

            Status 0: after --count events and, once connected, after Ctrl-C. 1: the gateway refuses or ends the connection. 64: wrong usage.
            """
    )

    @OptionGroup var config: ConfigurationOption
    @OptionGroup var trust: TrustOptions

    @Argument(help: "The rooms, such as price:BTC-USDC. Without any, only what reaches every client of the user.")
    var rooms: [String] = []

    @Option(help: "The access token; none for a guest. Better in MOONX_TOKEN: other users see a process's arguments.")
    var token: String?

    @Option(help: "The gateway. Default: http://127.0.0.1:3011")
    var url: String?

    @Option(help: "End after this many events.")
    var count: Int?

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count must be at least 1") }
    }

    func run() async throws {
        let auth = Setting.text(token, "token").map { "{\"token\":\(JSONString.literal($0))}" }
        var options = SocketIOClientOptions()
        options.certificateAuthorityFile = try trust.file()
        let address = try Setting.server(url, "url", default: "http://127.0.0.1:3011")
        let client: SocketIOClient
        do {
            client = try await SocketIOClient.connect(url: address, auth: auth, options: options)
        } catch let error as SocketIOConnectError {
            throw CommandFailure(description: "the gateway refuses the connection: \(error.message)")
        } catch {
            throw CommandFailure(description: "cannot connect: \(error)")
        }
        // Before a line is printed: whoever has read one may send a signal.
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in signals { return }
            }
            group.addTask {
                try await join(client)
                try await print(client)
            }
            defer { group.cancelAll() }
            try await group.next()
        }
        await client.disconnect()
    }

    private func join(_ client: SocketIOClient) async throws {
        for room in rooms {
            let answer = try await client.emitWithAck("join_room", json: "{\"room\":\(JSONString.literal(room))}").object(0)
            guard answer?.bool("ok") == true else {
                throw CommandFailure(description: "\(room): \(answer?.string("message") ?? "the gateway did not let this client in")")
            }
        }
    }

    private func print(_ client: SocketIOClient) async throws {
        var left = count ?? .max
        for await event in client.events {
            let name = JSONString.literal(event.name)
            let data = event.arguments.json(0).map { String(buffer: $0) } ?? "null"
            // Past the buffer of standard output, which would keep lines back where that is a pipe.
            let line = "{\"event\":\(name),\"data\":\(data)}\n"
            // As with `| head`: nobody reads any more.
            guard (try? FileHandle.standardOutput.write(contentsOf: Data(line.utf8))) != nil else { return }
            left -= 1
            if left == 0 { return }
        }
        throw CommandFailure(description: "the connection has ended: \(client.closeReason?.rawValue ?? "unknown")")
    }
}

/// Why a command could not do what it was asked, in one line.
struct CommandFailure: Error, CustomStringConvertible {
    let description: String
}
