// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func fuzzer(_ name: String) -> Target {
    .executableTarget(name: name, dependencies: ["Driver", "Properties"], swiftSettings: settings)
}

// Built by scripts/fuzz.sh, whose flags instrument the gateway's own modules too; unsafe flags here would reach these targets alone.
let package = Package(
    name: "FuzzTesting",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "moonx-gateway", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    ],
    targets: [
        // Tests/FuzzCoreTests shares these files by links. JSONScan comes with SocketIO, RESP with SocketIORedis.
        .target(
            name: "Properties",
            dependencies: [
                .product(name: "EngineIO", package: "moonx-gateway"),
                .product(name: "SocketIO", package: "moonx-gateway"),
                .product(name: "SocketIORedis", package: "moonx-gateway"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOWebSocket", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(name: "Driver", dependencies: ["Properties"], swiftSettings: settings),
        fuzzer("FuzzJSON"), fuzzer("FuzzPolling"), fuzzer("FuzzPolling3"), fuzzer("FuzzPackets"), fuzzer("FuzzQuery"),
        fuzzer("FuzzOpening"), fuzzer("FuzzWebSocket"),
        fuzzer("FuzzMessagePack"), fuzzer("FuzzMessagePackPackets"), fuzzer("FuzzProxyHeader"), fuzzer("FuzzRESP"),
    ],
    swiftLanguageModes: [.v6]
)
