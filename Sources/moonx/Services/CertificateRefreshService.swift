import Logging
import ServiceLifecycle
import UnixSignals

/// Looks for changed certificate files every ten seconds, and at once at SIGHUP.
struct CertificateRefreshService: Service {
    let certificate: ServerCertificate
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    for await _ in await UnixSignalsSequence(trapping: .sighup) { refresh() }
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
