import ArgumentParser
import Foundation

/// Settings come from flags, then `MOONX_*` environment variables, then a file (``ConfigurationFile``), then defaults.
///
/// A flag's variable is its name in capitals: `--auth-port` is `MOONX_AUTH_PORT`.
enum Setting {
    /// The value of a text setting.
    static func text(_ flag: String?, _ name: String) -> String? {
        flag ?? ProcessInfo.processInfo.environment[variable(name)].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The value of a setting of another type.
    ///
    /// - Throws: `ValidationError` where the variable's text is not of that type.
    static func value<Value: LosslessStringConvertible>(_ flag: Value?, _ name: String, default fallback: Value) throws -> Value {
        if let flag { return flag }
        guard let text = text(nil, name) else { return fallback }
        guard let value = Value(text) else {
            throw ValidationError("“\(text)” is not a valid value for --\(name) (\(variable(name)), or the file of --config)")
        }
        return value
    }

    /// The value of a port.
    ///
    /// - Throws: `ValidationError` where it is not from 0 to 65535.
    static func port(_ flag: Int?, _ name: String, default fallback: Int) throws -> Int {
        let port = try value(flag, name, default: fallback)
        guard (0...65_535).contains(port) else { throw ValidationError("--\(name) must be from 0 to 65535, not \(port)") }
        return port
    }

    /// The value of a setting that is a number of something.
    ///
    /// - Throws: `ValidationError` where it is not from 1 to 1,000,000,000.
    static func count(_ flag: Int?, _ name: String, default fallback: Int) throws -> Int {
        let count = try value(flag, name, default: fallback)
        guard (1...1_000_000_000).contains(count) else { throw ValidationError("--\(name) must be from 1 to 1000000000, not \(count)") }
        return count
    }

    /// The value of a setting that is the address of a server.
    ///
    /// - Throws: `ValidationError` where it is not `http` or `https` with a host.
    static func server(_ flag: String?, _ name: String, default fallback: String) throws -> String {
        let text = text(flag, name) ?? fallback
        guard let url = URL(string: text), ["http", "https"].contains(url.scheme), url.host()?.isEmpty == false else {
            throw ValidationError("--\(name) must look like \(fallback), not \(text)")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }

    /// The value of a flag, which a variable sets to `on` or `off`.
    ///
    /// - Throws: `ValidationError` where the variable says something else.
    static func isOn(_ flag: Bool, _ name: String, default fallback: Bool = false) throws -> Bool {
        if flag { return true }
        switch text(nil, name) {
        case nil: return fallback
        case "on", "true": return true
        case "off", "false": return false
        case let text?: throw ValidationError("--\(name) is on or off, not “\(text)” (\(variable(name)), or the file of --config)")
        }
    }

    /// The values of a setting that may be repeated; a variable separates them by commas.
    static func list(_ flags: [String], _ name: String) -> [String] {
        guard flags.isEmpty else { return flags }
        return (text(nil, name) ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    /// The values of a setting that is a list of web origins; `nil` where it is absent.
    ///
    /// - Parameter wildcard: Whether `:*` may stand for any port.
    /// - Throws: `ValidationError` where one of them is none: a scheme, a host, perhaps a port, and nothing more.
    static func origins(_ flag: String?, _ name: String, wildcard: Bool = false) throws -> [String]? {
        guard let text = text(flag, name) else { return nil }
        return try text.split(separator: ",").map { part in
            let origin = part.trimmingCharacters(in: .whitespaces).lowercased()
            let plain = wildcard && origin.hasSuffix(":*") ? String(origin.dropLast(2)) : origin
            let url = URL(string: plain)
            let port = url?.port.map { ":\($0)" } ?? ""
            guard let scheme = url?.scheme, ["http", "https"].contains(scheme), let host = url?.host(), !host.isEmpty,
                ["\(scheme)://\(host)\(port)", "\(scheme)://[\(host)]\(port)"].contains(plain)
            else { throw ValidationError("--\(name) takes origins such as https://app.example.com, not “\(origin)”") }
            return origin
        }
    }

    static func variable(_ name: String) -> String {
        "MOONX_" + name.uppercased().replacing("-", with: "_")
    }
}
