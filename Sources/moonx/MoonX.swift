import ArgumentParser
import Gateway

/// The program: one executable, its services and tools as subcommands.
struct MoonX: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "moonx",
        abstract: "A real-time gateway that speaks Socket.IO: prices, order books, trades and messages, at once and in order.",
        discussion: "Start with `moonx up`: everything in one process, with a simulated market and a dashboard.",
        version: GatewayVersion.current,
        subcommands: [
            UpCommand.self, GatewayCommand.self, AuthCommand.self, TokenCommand.self, RevokeCommand.self, PublishCommand.self,
            ReplayCommand.self, ListenCommand.self, CheckCommand.self, BenchCommand.self,
        ]
    )
}
