import Foundation
import JSONScan
import NIOCore
import SocketIO
import SocketIOCore
import Testing

/// The stock Python client (python-socketio, `serializer='msgpack'`) as the peer: nobody here wrote its codec.
///
/// Needs the environment that `scripts/setup.sh test` makes, or `MOONX_PYTHON`; skipped without.
@Suite("The Python client in MessagePack", .timeLimit(.minutes(2)), .enabled(if: PythonPeer.isThere, "there is no .venv"))
struct PythonPeerTests {
    private static func define(_ namespace: inout NamespaceDefinition, _ journal: Journal) {
        namespace.use { request in
            guard request.auth?.string("token") == "good" else { throw ConnectError(message: "no", data: #"{"code":"AUTH_FAILED"}"#) }
        }
        namespace.onConnect { socket in
            let attachments = [ByteBuffer(bytes: [7])]
            socket.emit(
                OutgoingEvent("welcome", json: ByteBuffer(string: #"{"_placeholder":true,"num":0},{"n":1}"#), attachments: attachments)
            )
        }
        namespace.on("echo") { socket, arguments, ack in
            ack?.send(json: arguments.joined, attachments: arguments.attachments)
            socket.emit(OutgoingEvent("echo", json: arguments.joined, attachments: arguments.attachments))
        }
        namespace.on("ask") { socket, _, _ in
            Task {
                let answer = try await socket.emitWithAck("question", json: ByteBuffer(string: "42,[]"), timeout: .seconds(60))
                let binary = answer.binary(2).map { Array($0.readableBytesView) } ?? []
                socket.emit("heard", json: "[\(String(buffer: answer.joined)),\(binary)]")
            }
        }
        namespace.on("bye") { socket, _, _ in socket.disconnect() }
    }

    @Test(arguments: ["websocket", "polling"]) func itUnderstandsUsAndWeIt(_ transport: String) async throws {
        try await TestServer.run({ $0.parser = .msgpack }, Self.define) { server in
            let lines = try await PythonPeer.run("msgpack_peer.py", server.url, transport)
            #expect(
                lines == [
                    "('welcome', b'\\x07', {'n': 1})",
                    "echo",
                    "('heard', ['answer', [42, []], {'_placeholder': True, 'num': 0}, [1, 2]])",
                    "('disconnect', 'server disconnect')",
                    "{'message': 'no', 'data': {'code': 'AUTH_FAILED'}}",
                ]
            )
        }
    }
}

/// A Python program of `Tests/EndToEnd/peers`, run as a process of its own.
enum PythonPeer {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../..").standardized
    private static let python = ProcessInfo.processInfo.environment["MOONX_PYTHON"] ?? root.appending(path: ".venv/bin/python").path

    static var isThere: Bool { FileManager.default.isExecutableFile(atPath: python) }

    struct Failed: Error {
        let status: Int32
        let output: String
    }

    /// What the program prints, line by line.
    ///
    /// - Throws: ``Failed`` with its output where it ends non-zero.
    static func run(_ name: String, _ arguments: String...) async throws -> [String] {
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [root.appending(path: "Tests/EndToEnd/peers/\(name)").path] + arguments
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
        guard status == 0 else { throw Failed(status: status, output: text) }
        return text.split(separator: "\n").map(String.init)
    }
}
