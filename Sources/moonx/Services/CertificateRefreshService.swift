import Logging
import ServiceLifecycle
import UnixSignals

/// Looks for changed certificate files every ten seconds, and at once at SIGHUP.
struct CertificateRefreshService: Service {
    let certificate: ServerCertificate
    private let logger: Logger
    private let signals: UnixSignalsSequence

    /// From here on SIGHUP does not end the process; one that comes before `run` is not lost.
    init(certificate: ServerCertificate, logger: Logger) async {
        self.certificate = certificate
        self.logger = logger
        signals = await UnixSignalsSequence(trapping: .sighup)
    }

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in signals { refresh() }
                }
                group.addTask {
                    while (try? await Task.sleep(for: .seconds(10))) != nil { refresh() }
                }
                await group.waitForAll()
            }
        }
    }

    private func refresh() {
        do throws(StartFailure) {
            if try certificate.refresh() { logger.notice("a new certificate is in force", metadata: ["until": "\(certificate.notAfter)"]) }
        } catch {
            logger.error("the certificate in force stays, because the new files are not good", metadata: ["error": "\(error)"])
        }
    }
}
