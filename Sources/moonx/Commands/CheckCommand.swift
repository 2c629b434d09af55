import AccessToken
import ArgumentParser
import AuthService
import Foundation
import GatewayDomain
import JSONScan
import Logging
import MarketFeed
import NIOCore
import NIOPosix
import RESP
import RedisClient

/// `moonx check`: reads the configuration of the services and tries what it names.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Read the configuration, try keys and ports, and say what is wrong.",
        discussion: """
            Changes nothing: keys that are made at the first start are not made here.

            Examples:
              moonx check --config moonx.conf
              moonx check --config moonx.conf --json

            Status 0: all is well. 1: something is not. 64: wrong usage.
            """
    )

    @OptionGroup var server: ServerOptions
    @OptionGroup var data: DataDirectory
    @OptionGroup var verification: VerificationOptions
    @OptionGroup var privy: PrivyOptions
    @OptionGroup var logins: LoginLimitOptions

    @Option(help: "The auth service's port. Default: 3001")
    var authPort: Int?

    @Option(help: ArgumentHelp("The file with the service token.", valueName: "file"))
    var serviceTokenFile: String?

    @Flag(help: "Print a JSON object a line: {\"check\", \"ok\", \"detail\"}.")
    var json = false

    /// What became of one thing that was tried.
    private struct Finding {
        let name: String
        let isGood: Bool
        let detail: String
    }

    func run() async throws {
        var logger = Logger(label: "check") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        var findings = [
            await attempt("data folder") { try checkDataFolder() },
            await attempt("service token") { try checkServiceToken() },
            await attempt("token keys") { [logger] in try await checkKeys(logger) },
            await attempt("token rules") { try checkRules() },
            await attempt("Privy") { [logger] in try await checkPrivy(logger) },
            await attempt("certificate") { try checkCertificate() },
            await attempt("Redis") { [logger] in try await checkRedis(logger) },
            await attempt("trusted proxies") { "\(try server.proxy.proxies().networks.count)" },
            await attempt("settings") { try checkSettings() },
            await attempt("recordings") { try checkRecordings() },
        ]
        let host = Setting.text(server.host, "host") ?? (isForGateway ? "0.0.0.0" : "127.0.0.1")
        findings.append(await attempt("port") { try await listen(host, try server.resolvedPort()) })
        findings.append(
            await attempt("auth port") { try await listen(host, try Setting.port(authPort, "auth-port", default: 3001)) }
        )
        findings.forEach(show)
        if findings.contains(where: { !$0.isGood }) { throw ExitCode(1) }
    }

    private func attempt(_ name: String, _ body: () async throws -> String) async -> Finding {
        do { return Finding(name: name, isGood: true, detail: try await body()) } catch {
            return Finding(name: name, isGood: false, detail: "\(error)")
        }
    }

    private func show(_ finding: Finding) {
        if json {
            let name = JSONString.literal(finding.name)
            print("{\"check\":\(name),\"ok\":\(finding.isGood),\"detail\":\(JSONString.literal(finding.detail))}")
        } else {
            print("\(finding.isGood ? "ok    " : "WRONG ") \(finding.name): \(finding.detail)")
        }
    }

    private func checkDataFolder() throws -> String {
        let path = data.url.path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return "\(path) will be made at the first start" }
        guard isFolder.boolValue, FileManager.default.isWritableFile(atPath: path) else {
            throw CommandFailure(description: "\(path) is not a folder that this user may write to")
        }
        return path
    }

    /// What services read only when they start.
    private func checkSettings() throws -> String {
        _ = try server.gatewayConfiguration(origins: try server.allowedOrigins(default: .localhost), isSecure: false)
        var auth = AuthConfiguration()
        try logins.apply(to: &auth)
        _ = try Setting.text(nil, "auth-url").map { try Setting.server($0, "auth-url", default: "http://127.0.0.1:3001") }
        for (name, fallback) in [("require-rotation", false), ("feed", true)] { _ = try Setting.isOn(false, name, default: fallback) }
        _ = try UpCommand.speed(nil)
        _ = try UpCommand.seed(nil)
        if try server.adapter.isWanted, try server.redis.configuration() == nil { throw AdapterOptions.needsRedis }
        return "can be used"
    }

    private func checkRecordings() throws -> String {
        let files = Setting.list([], "replay")
        for file in files { _ = try Recording.open(path: file) }
        return "\(files.count)"
    }

    private func checkServiceToken() throws -> String {
        guard let path = Setting.text(serviceTokenFile, "service-token-file") else {
            return "none: publishing and revoking over HTTP are off, except under `moonx up`, which makes one"
        }
        _ = try ServiceToken(file: URL(filePath: path))
        return path
    }

    private func checkKeys(_ logger: Logger) async throws -> String {
        let hasKeys = Setting.text(verification.jwtSecretFile, "jwt-secret-file") != nil || Setting.text(verification.jwks, "jwks") != nil
        guard hasKeys else { return "made at the first start (`moonx gateway` needs --jwks or --jwt-secret-file)" }
        let count = try await verification.keys(logger: logger).snapshot.keys.count
        return "\(count) \(count == 1 ? "key" : "keys")"
    }

    /// Only `moonx gateway` verifies with keys that are published, and it listens to everybody unless told otherwise; `moonx up` does neither.
    private var isForGateway: Bool { Setting.text(verification.jwks, "jwks") != nil }

    private func checkRules() throws -> String {
        let isComplete = [(verification.jwtIssuer, "jwt-issuer"), (verification.jwtAudience, "jwt-audience")]
            .allSatisfy { !(Setting.text($0, $1) ?? "").isEmpty }
        guard isComplete || isForGateway else {
            return "those of `moonx up` and `moonx auth` (`moonx gateway` needs --jwt-issuer and --jwt-audience)"
        }
        let rules = try verification.rules()
        return "issuer \(rules.issuer ?? ""), audience \(rules.audience ?? "")"
    }

    private func checkPrivy(_ logger: Logger) async throws -> String {
        guard let privy = try privy.privy else { return "none: only the development login of `moonx up` works" }
        switch privy.verificationKey {
        case .pem(let file): _ = try await TokenKeys.publicKey(file: file)
        case .jwks(let file): _ = try await TokenKeys.jwks(file: file)
        case .remoteJWKS(let url): _ = try await RemoteKeySet.load(url: url)
        }
        return "app \(privy.appID)"
    }

    private func checkCertificate() throws -> String {
        guard let certificate = try server.tls.certificate() else { return "none: connections are plain" }
        let end = certificate.notAfter
        guard end > .now else { throw CommandFailure(description: "the certificate has expired, at \(end.formatted(.iso8601))") }
        return "good until \(end.formatted(.iso8601))"
    }

    private func checkRedis(_ logger: Logger) async throws -> String {
        guard let client = try await server.redis.connect(group: MultiThreadedEventLoopGroup.singleton, logger: logger) else {
            return "none: a node works alone"
        }
        let answer: Result<RESPValue, RedisError>
        do throws(RedisError) { answer = .success(try await client.send(RedisCommand("PING"))) } catch { answer = .failure(error) }
        await client.shutdown()
        if case .failure(let error) = answer { throw CommandFailure(description: "Redis does not answer: \(error)") }
        return "\(client.configuration)\(client.isCluster ? ", a cluster" : "")"
    }

    private func listen(_ host: String, _ port: Int) async throws -> String {
        do {
            let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
                .bind(host: host, port: port).get()
            try await channel.close().get()
        } catch let error as IOError {
            throw CommandFailure(description: "\(host):\(port): \(error.shortDescription)")
        }
        return "\(host):\(port) is free"
    }
}
