import ArgumentParser
import Foundation

/// Where the process begins: settings from a file, then the command, then one clear line where something is wrong.
@main
enum Program {
    static func main() async {
        HeapGrowth.whole()
        do {
            try ConfigurationFile.apply(arguments: CommandLine.arguments, environment: ProcessInfo.processInfo.environment)
            var command = try MoonX.parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            let code = error is ConfigurationFailure ? .validationFailure : MoonX.exitCode(for: error)
            // Help, version and completion scripts are "errors" that end well; commands that end by themselves have said all.
            guard code != .success, !(error is ExitCode) else { MoonX.exit(withError: error) }
            let message = MoonX.message(for: error).split(separator: "\n").joined(separator: " ")
            StandardError.write("Error: \(message)\n")
            exit(code.rawValue)
        }
    }
}
