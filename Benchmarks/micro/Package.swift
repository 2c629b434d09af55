// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

// Run by scripts/bench-micro.sh.
let package = Package(
    name: "moonx-micro-benchmarks",
    platforms: [.macOS(.v15)],
    dependencies: [
        .package(name: "moonx-gateway", path: "../.."),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        // Without its counting of allocations, which brings an allocator along; Benchmarks/alloc-count counts them.
        .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
    ],
    targets: [
        .executableTarget(
            name: "MicroBenchmarks",
            dependencies: [
                .product(name: "Benchmark", package: "benchmark"),
                .product(name: "EngineIO", package: "moonx-gateway"),
                .product(name: "SocketIO", package: "moonx-gateway"),
                .product(name: "SocketIORedis", package: "moonx-gateway"),
                .product(name: "NIOCore", package: "swift-nio"),
            ],
            path: "Benchmarks/MicroBenchmarks",
            swiftSettings: settings,
            plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]
        )
    ],
    swiftLanguageModes: [.v6]
)
