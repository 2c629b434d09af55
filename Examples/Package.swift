// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let socketIO = Target.Dependency.product(name: "SocketIO", package: "moonx-gateway")

// A package of its own: whoever builds the gateway need not build these.
let package = Package(
    name: "moonx-examples",
    platforms: [.macOS(.v15)],
    dependencies: [
        // Named, because the folder of a clone may have any name.
        .package(name: "moonx-gateway", path: ".."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
    ],
    targets: [
        .executableTarget(name: "ChatServer", dependencies: [socketIO, logging, nioPosix], swiftSettings: settings),
        .executableTarget(
            name: "DeflateBenchmark",
            dependencies: [
                logging, nioPosix,
                .product(name: "EngineIO", package: "moonx-gateway"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ConformanceServer",
            dependencies: [
                socketIO, logging, nioPosix,
                .product(name: "EngineIO", package: "moonx-gateway"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
    ],
    swiftLanguageModes: [.v6]
)
