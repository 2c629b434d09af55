import Foundation
import NIOCore
import NIOSSL
import Synchronization

/// The certificate that services show, from two PEM files, which are read again when they have changed.
///
/// A handshake takes the pair that is in force at that moment; connections that are open keep theirs. The lock is taken for each handshake.
final class ServerCertificate: Sendable {
    private struct Pair {
        let chain: [NIOSSLCertificate]
        let key: NIOSSLPrivateKey
        let version: [String]
    }

    private let certificateFile: String
    private let keyFile: String
    private let pair: Mutex<Pair>

    /// Reads both files.
    ///
    /// - Throws: `StartFailure` in one line: what is wrong with which of them.
    init(certificateFile: String, keyFile: String) throws(StartFailure) {
        self.certificateFile = certificateFile
        self.keyFile = keyFile
        self.pair = Mutex(try Self.read(certificateFile, keyFile))
    }

    /// The settings of a server that shows the pair in force: TLS 1.2 and later.
    var configuration: TLSConfiguration {
        var configuration = Self.configuration(pair.withLock { $0 })
        configuration.sslContextCallback = { [self] _, promise in
            let current = pair.withLock { $0 }
            var override = NIOSSLContextConfigurationOverride()
            override.certificateChain = current.chain.map { .certificate($0) }
            override.privateKey = .privateKey(current.key)
            promise.succeed(override)
        }
        return configuration
    }

    /// The end of the certificate's time.
    var notAfter: Date { Date(timeIntervalSince1970: Double(pair.withLock { $0.chain.first?.notValidAfter ?? 0 })) }

    /// Reads the files again where they have changed. The pair in force stays where the new one is not good.
    ///
    /// - Returns: Whether there is a new pair.
    /// - Throws: `StartFailure`: what is wrong with the new files.
    func refresh() throws(StartFailure) -> Bool {
        let version = Self.version(certificateFile, keyFile)
        guard pair.withLock({ $0.version }) != version else { return false }
        let fresh = try Self.read(certificateFile, keyFile)
        pair.withLock { $0 = fresh }
        return true
    }

    private static func configuration(_ pair: Pair) -> TLSConfiguration {
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: pair.chain.map { .certificate($0) },
            privateKey: .privateKey(pair.key)
        )
        configuration.minimumTLSVersion = .tlsv12
        configuration.applicationProtocols = ["http/1.1"]
        return configuration
    }

    private static func read(_ certificateFile: String, _ keyFile: String) throws(StartFailure) -> Pair {
        // Before the content: a change that comes between the two is found the next time.
        let version = version(certificateFile, keyFile)
        let chain: [NIOSSLCertificate]
        do { chain = try NIOSSLCertificate.fromPEMBytes(try bytes(certificateFile)) } catch let error as StartFailure { throw error } catch
        {
            throw StartFailure(description: "--tls-certificate \(certificateFile) holds no certificate in PEM form")
        }
        guard !chain.isEmpty else {
            throw StartFailure(description: "--tls-certificate \(certificateFile) holds no certificate in PEM form")
        }
        let key: NIOSSLPrivateKey
        do { key = try NIOSSLPrivateKey(bytes: try bytes(keyFile), format: .pem) } catch let error as StartFailure { throw error } catch {
            throw StartFailure(description: "--tls-key \(keyFile) holds no private key in PEM form without a passphrase")
        }
        let pair = Pair(chain: chain, key: key, version: version)
        do { _ = try NIOSSLContext(configuration: configuration(pair)) } catch {
            throw StartFailure(description: "the key in \(keyFile) is not that of the certificate in \(certificateFile)")
        }
        return pair
    }

    private static func bytes(_ file: String) throws(StartFailure) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: file) else { throw StartFailure(description: "\(file) cannot be read") }
        guard data.count <= 1 << 20 else { throw StartFailure(description: "\(file) has more than 1 MiB") }
        return Array(data)
    }

    /// Changes whenever a file is written or replaced.
    private static func version(_ files: String...) -> [String] {
        files.map { file in
            // A link may point elsewhere, as those that orchestrators make do.
            let path = URL(filePath: file).resolvingSymlinksInPath().path
            let attributes = (try? FileManager.default.attributesOfItem(atPath: path)) ?? [:]
            let time = (attributes[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
            return "\(path) \(time) \(attributes[.size] ?? 0) \(attributes[.systemFileNumber] ?? 0)"
        }
    }
}
