import ArgumentParser

/// `moonx bench`: the load tool.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures a running gateway.",
        discussion: "Start the gateway with --limits off, and give its process id for figures per second of its CPU time.",
        subcommands: [FanoutCommand.self, EchoCommand.self, ConnectCommand.self, IdleCommand.self]
    )
}
