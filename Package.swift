// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0335-existential-any.md
    .enableUpcomingFeature("ExistentialAny"),
    // https://github.com/swiftlang/swift-evolution/blob/main/proposals/0444-member-import-visibility.md
    .enableUpcomingFeature("MemberImportVisibility"),
]

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket = Target.Dependency.product(name: "NIOWebSocket", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let serviceLifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")

func library(
    _ name: String,
    _ dependencies: [Target.Dependency] = [],
    resources: [Resource]? = nil,
    extraSettings: [SwiftSetting] = []
) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings + extraSettings)
}

func tests(of name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, swiftSettings: settings)
}

// Which target may import which is written down in docs/architecture.md and checked by scripts/check-imports.py.
let package = Package(
    name: "moonx-gateway",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "EngineIO", targets: ["EngineIOCore", "EngineIO"]),
        // JSONScan: the `auth` of a client and the arguments of events are its types.
        .library(name: "SocketIO", targets: ["JSONScan", "MessagePack", "SocketIOCore", "SocketIO"]),
        .library(name: "SocketIOClient", targets: ["SocketIOClient"]),
        // RedisClient: the drivers take one.
        .library(name: "SocketIORedis", targets: ["RESP", "RedisClient", "SocketIORedis"]),
        .library(name: "SocketIOTesting", targets: ["SocketIOTesting"]),
        .executable(name: "moonx", targets: ["moonx"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.1"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        // Protocol libraries: they know nothing of trading.
        // Lifetimes: a scanner that borrows the bytes it walks (https://github.com/swiftlang/swift-evolution/blob/main/proposals/0446-non-escapable.md).
        library("JSONScan", extraSettings: [.enableExperimentalFeature("Lifetimes")]),
        library("MessagePack", ["JSONScan"], extraSettings: [.enableExperimentalFeature("Lifetimes")]),
        library("EngineIOCore", [nioCore]),
        library("SocketIOCore", ["EngineIOCore", "JSONScan", "MessagePack", nioCore]),
        // zlib, for compression on the wire.
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        library("EngineIO", ["EngineIOCore", "CZlib", nioCore, nioPosix, nioHTTP1, nioSSL, logging, crypto]),
        library("SocketIO", ["SocketIOCore", "EngineIOCore", "EngineIO", "JSONScan", nioCore, logging]),
        library("SocketIOClient", ["SocketIOCore", "EngineIOCore", "JSONScan", nioCore, nioPosix, nioHTTP1, nioSSL, nioWebSocket]),
        library("SocketIOTesting", ["SocketIO", "SocketIOCore", "EngineIO", "EngineIOCore", "JSONScan", nioCore, nioEmbedded, logging]),

        library("RESP", [nioCore]),
        library("RedisClient", ["RESP", nioCore, nioPosix, nioSSL, logging, crypto]),
        library(
            "SocketIORedis",
            ["SocketIO", "SocketIOCore", "EngineIOCore", "MessagePack", "JSONScan", "RESP", "RedisClient", nioCore, logging]
        ),

        // The exchange: the domain knows nothing of sockets.
        library("GatewayDomain"),
        library("MarketFeed", ["GatewayDomain"]),
        library(
            "AccessToken",
            ["GatewayDomain", "JSONScan", crypto, asyncHTTPClient, nioCore, nioHTTP1, .product(name: "JWTKit", package: "jwt-kit")]
        ),
        library(
            "Store",
            ["GatewayDomain", "RedisClient", "RESP", nioCore, logging, crypto, .product(name: "GRDB", package: "GRDB.swift")]
        ),
        library(
            "AuthService",
            ["AccessToken", "Store", "GatewayDomain", hummingbird, hummingbirdCore, httpTypes, logging, crypto, nioCore]
        ),
        library(
            "Gateway",
            [
                "GatewayDomain", "AccessToken", "Store", "SocketIO", "SocketIOCore", "EngineIO", "EngineIOCore", "JSONScan",
                "RedisClient", "RESP", "SocketIORedis", hummingbird, httpTypes, asyncHTTPClient, nioCore, nioHTTP1, nioPosix, logging,
            ],
            resources: [.embedInCode("Dashboard/Assets")]
        ),
        // glibc's allocator has settings, which Swift's module of glibc leaves out.
        .systemLibrary(name: "CMalloc"),
        .executableTarget(
            name: "moonx",
            dependencies: [
                "CMalloc",
                "Gateway", "AuthService", "AccessToken", "Store", "MarketFeed", "GatewayDomain", "SocketIO", "SocketIOCore",
                "SocketIOClient", "RESP", "RedisClient",
                "EngineIO", "EngineIOCore", "JSONScan", hummingbird, asyncHTTPClient, nioCore, nioPosix, nioHTTP1, nioSSL, logging,
                serviceLifecycle,
                hummingbirdCore,
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            swiftSettings: settings
        ),

        // What tests of several targets need: seeded randomness, a connection for bytes that no good client sends.
        .target(
            name: "TestSupport",
            dependencies: ["EngineIOCore", nioCore, nioPosix],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        tests(of: "JSONScan", ["TestSupport"]),
        tests(of: "MessagePack", ["TestSupport"]),
        tests(of: "EngineIOCore", ["TestSupport", nioCore]),
        tests(of: "SocketIOCore", ["EngineIOCore", "JSONScan", "MessagePack", "TestSupport", nioCore]),
        tests(
            of: "EngineIO",
            [
                "EngineIOCore", "CZlib", "SocketIOClient", "TestSupport", nioCore, nioPosix, nioHTTP1, nioSSL, nioWebSocket, nioEmbedded,
                logging,
            ]
        ),
        tests(
            of: "SocketIO",
            [
                "SocketIOCore", "SocketIOClient", "SocketIOTesting", "EngineIO", "EngineIOCore", "JSONScan", "MessagePack", "TestSupport",
                nioCore, nioPosix, nioSSL, logging,
            ]
        ),
        // Among them Snippets/, the code that the documentation of the libraries shows.
        tests(
            of: "SocketIOTesting",
            ["SocketIO", "SocketIOCore", "SocketIOClient", "EngineIO", "EngineIOCore", "JSONScan", nioCore, nioPosix, logging]
        ),
        tests(
            of: "SocketIOClient",
            ["SocketIOCore", "EngineIO", "EngineIOCore", "JSONScan", nioCore, nioPosix, nioWebSocket, nioEmbedded, logging]
        ),
        tests(of: "RESP", [nioCore]),
        // Starts servers of Redis for the tests that need them.
        .target(name: "RedisServers", path: "Tests/Support/RedisServers", swiftSettings: settings),
        tests(of: "RedisClient", ["RedisServers", "RESP", nioCore, nioPosix, logging]),
        tests(
            of: "SocketIORedis",
            [
                "RedisClient", "RedisServers", "SocketIO", "SocketIOClient", "SocketIOCore", "SocketIOTesting", "EngineIO",
                "EngineIOCore", "JSONScan", "MessagePack", nioCore, nioPosix, logging,
            ]
        ),
        // The properties of FuzzTesting/ over its corpora: the files in Properties/ are links.
        .testTarget(
            name: "FuzzCoreTests",
            dependencies: [
                "EngineIO", "EngineIOCore", "SocketIOCore", "JSONScan", "MessagePack", "RESP", nioCore, nioWebSocket, nioEmbedded,
            ],
            swiftSettings: settings
        ),
        tests(of: "GatewayDomain", ["TestSupport"]),
        tests(of: "MarketFeed", ["GatewayDomain"]),
        tests(
            of: "AccessToken",
            [
                "GatewayDomain", crypto, hummingbird, httpTypes, logging, nioCore,
                .product(name: "HummingbirdTesting", package: "hummingbird"), .product(name: "CryptoExtras", package: "swift-crypto"),
                .product(name: "JWTKit", package: "jwt-kit"),
            ]
        ),
        tests(
            of: "Store",
            [
                "GatewayDomain", "RedisClient", "RESP", "RedisServers", nioCore, nioPosix, logging, crypto,
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        tests(
            of: "AuthService",
            [
                "AccessToken", "Store", "GatewayDomain", hummingbird, httpTypes, logging, nioCore,
                .product(name: "HummingbirdTesting", package: "hummingbird"), .product(name: "JWTKit", package: "jwt-kit"),
            ]
        ),
        tests(
            of: "Gateway",
            [
                "GatewayDomain", "AccessToken", "Store", "SocketIO", "SocketIOCore", "SocketIOClient", "EngineIO", "EngineIOCore",
                "JSONScan", "RedisClient", "RESP", "RedisServers",
                asyncHTTPClient, nioCore, nioPosix, nioHTTP1, logging,
            ]
        ),
        tests(of: "moonx", ["AuthService", nioCore, nioHTTP1, nioEmbedded]),
    ],
    swiftLanguageModes: [.v6]
)
