import ArgumentParser
import Logging
import ServiceLifecycle
import UnixSignals

/// Runs services until one of them fails or the process is asked to stop.
enum ServiceRunner {
    /// Returns after an orderly end; SIGTERM and SIGINT ask for one.
    ///
    /// - Throws: A `StartFailure` with one clear line.
    static func run(_ services: [any Service], logger: Logger) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: services.map { .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup) },
                gracefulShutdownSignals: [.sigterm, .sigint],
                logger: Logger(label: "services") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        try await group.run()
    }
}

/// Why a service could not start, in one line.
struct StartFailure: Error, CustomStringConvertible {
    let description: String
}
