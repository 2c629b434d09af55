import ArgumentParser
import Foundation

/// `--config FILE`, for commands that read settings.
struct ConfigurationOption: ParsableArguments {
    // Read before the command is parsed: see ConfigurationFile.
    @Option(help: ArgumentHelp("A file with settings, one `name = value` a line, named as the flags are. Default: none", valueName: "file"))
    var config: String?
}

/// A file with settings: one `name = value` a line, `#` begins a comment line. The names are those of the flags of `moonx up`, `gateway`
/// and `auth`, so that one file serves all of them.
///
/// Its values become environment variables where these are not set, which gives the order of precedence: flags, variables, file, defaults.
struct ConfigurationFile {
    /// The largest file that is read, in bytes.
    static let maximumSize = 64 << 10

    /// Names and values in the order of the file.
    let settings: [(name: String, value: String)]

    /// Reads the file that `--config` or `MOONX_CONFIG` names, if either does. To be called before anything else runs.
    ///
    /// - Throws: ``ConfigurationFailure`` in one line.
    static func apply(arguments: [String], environment: [String: String]) throws(ConfigurationFailure) {
        guard let path = path(in: arguments) ?? environment[Setting.variable("config")].flatMap({ $0.isEmpty ? nil : $0 }) else { return }
        guard let text = try? String(contentsOfFile: path, encoding: .utf8), text.utf8.count <= maximumSize else {
            throw ConfigurationFailure(description: "--config \(path) cannot be read, is not text, or has more than \(maximumSize) bytes")
        }
        for (name, value) in try ConfigurationFile(text, path: path, names: knownNames()).settings {
            let variable = Setting.variable(name)
            if environment[variable]?.isEmpty ?? true { setenv(variable, value, 1) }
        }
    }

    /// Reads the text of a file at `path`, in which `names` may occur.
    ///
    /// - Throws: ``ConfigurationFailure`` that names the line.
    init(_ text: String, path: String, names: Set<String>) throws(ConfigurationFailure) {
        var settings: [(name: String, value: String)] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            func failure(_ message: String) -> ConfigurationFailure {
                ConfigurationFailure(description: "\(path):\(index + 1): \(message)")
            }
            let line = line.trimmingCharacters(in: .whitespacesAndNewlines)
            guard !line.isEmpty, !line.hasPrefix("#") else { continue }
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
                .map { $0.trimmingCharacters(in: .whitespaces) }
            guard parts.count == 2, !parts[1].isEmpty else { throw failure("a setting looks like: port = 3011") }
            guard names.contains(parts[0]) else { throw failure("there is no setting “\(parts[0])”") }
            guard !settings.contains(where: { $0.name == parts[0] }) else { throw failure("“\(parts[0])” is set twice") }
            settings.append((parts[0], parts[1]))
        }
        self.settings = settings
    }

    private static func path(in arguments: [String]) -> String? {
        for (index, argument) in arguments.enumerated().dropFirst() {
            if argument == "--" { return nil }
            if argument.hasPrefix("--config=") { return String(argument.dropFirst("--config=".count)) }
            if argument == "--config", index + 1 < arguments.count { return arguments[index + 1] }
        }
        return nil
    }

    /// The long names of all flags of the services, as the parser itself describes them.
    private static func knownNames() -> Set<String> {
        let description = try? JSONDecoder().decode(Description.self, from: Data(MoonX._dumpHelp().utf8))
        let services = description?.command.subcommands?.filter { ["up", "gateway", "auth"].contains($0.commandName) } ?? []
        let names = services.flatMap { $0.arguments ?? [] }.flatMap { $0.names ?? [] }.filter { $0.kind == "long" }.map(\.name)
        return Set(names.filter { !$0.hasPrefix("no-") }).subtracting(["config", "help", "version"])
    }

    /// What the parser says of the commands (`moonx --experimental-dump-help`), as far as it matters here.
    private struct Description: Decodable {
        struct Command: Decodable {
            var commandName: String
            var arguments: [Argument]?
            var subcommands: [Command]?
        }

        struct Argument: Decodable {
            var names: [Name]?
        }

        struct Name: Decodable {
            var kind: String
            var name: String
        }

        var command: Command
    }
}

/// What is wrong with a file of settings, in one line.
struct ConfigurationFailure: Error, CustomStringConvertible {
    let description: String
}
