import ArgumentParser

/// `moonx bench`: the load tool.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures a running gateway.",
        discussion: """
            Start the gateway with --limits off, and give its process id for figures per second of its CPU time.

            Examples:
              moonx bench connect --connections 5000 --token "$(moonx token --user bench-user-1)"
              moonx bench fanout --connections 1000 --service-token-file var/moonx/service-token --token "$(moonx token --user bench-user-1)"
              moonx bench idle --connections 10000 --server-pid "$(pgrep -o moonx)" --json
              moonx bench slow --token-file tokens --service-token-file var/moonx/service-token --server-pid "$(pgrep -o moonx)"
              moonx bench hold --connections 10000 --source 127.0.0.2 --ready-file ready --token-file tokens
              moonx bench feed --redis redis://127.0.0.1:6379 --rooms 1000 --rate 50 --seconds 600

            Status 0: measured. 1: the gateway refuses or cannot be reached, or a proof fails. 64: wrong usage.
            """,
        subcommands: [
            FanoutCommand.self, EchoCommand.self, ConnectCommand.self, IdleCommand.self, SlowCommand.self, HoldCommand.self,
            FeedCommand.self,
        ]
    )
}
