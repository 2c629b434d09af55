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
            throw ValidationError("\(variable(name)) is set to “\(text)”, which is not a valid value for --\(name)")
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
        case let text?: throw ValidationError("\(variable(name)) is set to “\(text)”, but --\(name) is on or off")
        }
    }

    /// The values of a setting that may be repeated; a variable separates them by commas.
    static func list(_ flags: [String], _ name: String) -> [String] {
        guard flags.isEmpty else { return flags }
        return (text(nil, name) ?? "").split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }

    static func variable(_ name: String) -> String {
        "MOONX_" + name.uppercased().replacing("-", with: "_")
    }
}
