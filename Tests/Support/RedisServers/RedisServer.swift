public import Foundation

/// A `redis-server` of Debian, or what `MOONX_REDIS_SERVER` names, such as a `valkey-server`, on a free port of loopback, in a folder of its own, for one test.
///
/// It ends with the test's process, however that ends: a shell beside it waits for the end of its input and kills it then.
public final class RedisServer: Sendable {
    /// Whether tests with Redis can run. `make test` installs it, and has them fail where it is missing all the same.
    public static var isThere: Bool {
        FileManager.default.isExecutableFile(atPath: program) || ProcessInfo.processInfo.environment["MOONX_NEED_REDIS"] != nil
    }

    /// Why they are skipped.
    public static let missing = "there is no redis-server: scripts/setup.sh test installs it"

    private static let program = ProcessInfo.processInfo.environment["MOONX_REDIS_SERVER"] ?? "/usr/bin/redis-server"

    /// Where it listens.
    public let port: Int
    /// Its folder, removed at the end.
    public let folder: URL
    private let arguments: [String]
    private let process: RunningProcess

    /// What went wrong with a server.
    public struct Failure: Error, CustomStringConvertible {
        /// In words.
        public let description: String
    }

    /// `redis://127.0.0.1:port`
    public var url: String { "redis://127.0.0.1:\(port)" }

    /// Starts a server with these settings (`["--appendonly", "yes"]`) and waits until it accepts connections.
    ///
    /// - Parameter prepare: Makes what the server needs in its folder, and returns settings that name it.
    public convenience init(_ arguments: [String] = [], prepare: (URL) async throws -> [String] = { _ in [] }) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "moonx-redis-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let all = arguments + (try await prepare(folder))
        // Between finding a free port and listening there another may take it.
        for _ in 0..<10 {
            let port = try FreePort.find()
            if let server = try? await RedisServer(port: port, folder: folder, arguments: all) {
                self.init(server)
                return
            }
        }
        throw Failure(description: "redis-server does not start: \((try? String(contentsOf: Self.log(folder), encoding: .utf8)) ?? "")")
    }

    private init(_ other: RedisServer) {
        (port, folder, arguments, process) = (other.port, other.folder, other.arguments, other.process)
    }

    private init(port: Int, folder: URL, arguments: [String]) async throws {
        (self.port, self.folder, self.arguments) = (port, folder, arguments)
        self.process = RunningProcess()
        try await launch()
    }

    private static func log(_ folder: URL) -> URL { folder.appending(path: "redis.log") }

    private func launch() async throws {
        let log = Self.log(folder)
        try Data().write(to: log)
        // A TLS port in place of the plain one is said by the arguments.
        let ports = arguments.contains("--tls-port-only") ? ["--port", "0", "--tls-port", "\(port)"] : ["--port", "\(port)"]
        let settings = ["--bind", "127.0.0.1", "--dir", folder.path, "--save", "", "--enable-debug-command", "yes"]
        try process.start(Self.program, ports + settings + arguments.filter { $0 != "--tls-port-only" }, log: log)
        for _ in 0..<3_000 {
            let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            if text.contains("Ready to accept connections") { return }
            guard process.isRunning, !text.contains("Address already in use") else { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        process.kill()
        throw Failure(description: (try? String(contentsOf: log, encoding: .utf8)) ?? "redis-server does not start")
    }

    /// Ends it and removes its folder.
    public func stop() {
        process.kill()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Ends it at once (`kill -9`); ``start()`` begins it again on the same port and folder.
    public func kill() { process.kill() }

    /// Begins it again after ``kill()``.
    public func start() async throws { try await launch() }

    /// Stops it in its tracks (`SIGSTOP`): connections stay open and are not answered.
    public func pause() { process.signal(SIGSTOP) }

    /// Lets it go on after ``pause()``.
    public func resume() { process.signal(SIGCONT) }

    /// What `redis-cli` prints for a command.
    @discardableResult
    public func cli(_ arguments: String...) async throws -> String {
        try await Self.run("/usr/bin/redis-cli", ["-p", "\(port)"] + arguments)
    }

    /// What a program prints.
    ///
    /// - Throws: ``Failure`` where it ends non-zero.
    @discardableResult
    public static func run(_ program: String, _ arguments: [String]) async throws -> String {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        let output = Task.detached {
            // Foundation does not let go of a process that has ended, nor of what it holds.
            defer { try? pipe.fileHandleForReading.close() }
            return pipe.fileHandleForReading.readDataToEndOfFile()
        }
        let status: Int32 = try await withCheckedThrowingContinuation { continuation in
            process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
            do { try process.run() } catch { continuation.resume(throwing: error) }
        }
        let text = String(decoding: await output.value, as: UTF8.self)
        guard status == 0 else { throw Failure(description: "\(program) \(arguments): \(text)") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Runs a server for one test.
    public static func run<Result>(_ arguments: [String] = [], _ body: (RedisServer) async throws -> Result) async throws -> Result {
        let server = try await RedisServer(arguments)
        defer { server.stop() }
        return try await body(server)
    }
}
