import Foundation
import NIOCore
import RESP
import RedisClient
import RedisServers
import Testing

@Suite("TLS to a real server", .timeLimit(.minutes(2)), .enabled(if: RedisServer.isThere, Comment(rawValue: RedisServer.missing)))
struct TLSTests {
    /// An authority, and a certificate of it for these names.
    private static func makeCertificates(_ folder: URL, _ names: String) async throws -> [String] {
        func openssl(_ arguments: String...) async throws { try await RedisServer.run("/usr/bin/openssl", arguments) }
        func path(_ name: String) -> String { folder.appending(path: name).path }
        let curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
        try await RedisServer.run(
            "/usr/bin/openssl",
            ["req", "-x509", "-days", "2", "-subj", "/CN=test authority", "-keyout", path("ca.key"), "-out", path("ca.pem")] + curve
        )
        try await RedisServer.run(
            "/usr/bin/openssl",
            ["req", "-subj", "/CN=redis.test", "-keyout", path("server.key"), "-out", path("server.csr")] + curve
        )
        try "subjectAltName=\(names)\n".write(toFile: path("names"), atomically: true, encoding: .utf8)
        try await openssl(
            "x509",
            "-req",
            "-days",
            "2",
            "-in",
            path("server.csr"),
            "-CA",
            path("ca.pem"),
            "-CAkey",
            path("ca.key"),
            "-CAcreateserial",
            "-extfile",
            path("names"),
            "-out",
            path("server.pem")
        )
        return [
            "--tls-port-only", "--tls-cert-file", path("server.pem"), "--tls-key-file", path("server.key"), "--tls-ca-cert-file",
            path("ca.pem"), "--tls-auth-clients", "no",
        ]
    }

    private static func run(_ names: String, _ body: (RedisServer, _ authority: String) async throws -> Void) async throws {
        let server = try await RedisServer(prepare: { try await makeCertificates($0, names) })
        defer { server.stop() }
        try await body(server, server.folder.appending(path: "ca.pem").path)
    }

    @Test func aServerWithATrustedCertificateIsSpokenTo() async throws {
        try await Self.run("IP:127.0.0.1,DNS:redis.test") { server, authority in
            for name in ["", "&servername=redis.test"] {
                try await TestClient.run("rediss://127.0.0.1:\(server.port)?ca=\(authority)\(name)") { client in
                    let pong = try await client.send(RedisCommand("PING"))
                    #expect(pong.string == "PONG")
                    let heard = Journal<String>()
                    try await client.subscriptions.subscribe("a") { heard.append(String(buffer: $0.payload)) }
                    _ = try await client.send(RedisCommand("PUBLISH", "a", "x"))
                    try await heard.wait { $0 == ["x"] }
                }
            }
        }
    }

    @Test func whoReadsStreamsNeedsTheFilesOnce() async throws {
        try await Self.run("IP:127.0.0.1") { server, authority in
            try await TestClient.run("rediss://127.0.0.1:\(server.port)?ca=\(authority)") { client in
                let heard = Journal<String>()
                let reader = RedisStreamReader(client: client, streams: ["a": "0"])
                let reading = Task { await reader.run { for entry in $0 { heard.append(entry.id) } } }
                func add() async throws { _ = try await client.send(RedisCommand("XADD", "a", "*", "n", "1", key: "a")) }
                try await add()
                try await heard.wait { $0.count == 1 }
                try FileManager.default.removeItem(atPath: authority)
                _ = try await client.send(RedisCommand("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"))
                try await add()
                try await heard.wait { $0.count == 2 }
                reading.cancel()
                await reading.value
            }
        }
    }

    @Test func anyOtherIsNot() async throws {
        try await Self.run("DNS:redis.test") { server, authority in
            // Not trusted; for another name; no encryption at all.
            let wrong = [
                "rediss://127.0.0.1:\(server.port)", "rediss://127.0.0.1:\(server.port)?ca=\(authority)&servername=other.test",
                "redis://127.0.0.1:\(server.port)",
            ]
            for url in wrong {
                let error = await #expect(throws: RedisError.self) {
                    try await TestClient.run(url, { $0.connectTimeout = .seconds(1) }) { _ in }
                }
                #expect(error?.code == .connection || error?.code == .timeout || error?.code == .protocolViolation)
            }
            let missing = await #expect(throws: RedisError.self) {
                try await TestClient.run("rediss://127.0.0.1:\(server.port)?ca=/nowhere.pem") { _ in }
            }
            #expect(missing?.code == .configuration)
        }
    }
}
