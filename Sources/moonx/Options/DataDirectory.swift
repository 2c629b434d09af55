import AccessToken
import ArgumentParser
import Foundation

/// Where keys, the database and the service token lie.
struct DataDirectory: ParsableArguments {
    @Option(help: ArgumentHelp("The folder for keys and the database. Default: var/moonx", valueName: "folder"))
    var dataDir: String?

    var url: URL { URL(filePath: Setting.text(dataDir, "data-dir") ?? "var/moonx", directoryHint: .isDirectory) }

    /// The file that `moonx up` leaves its service token in.
    var serviceTokenFile: URL { url.appending(path: "service-token") }

    /// Reads the service token, or makes one that nobody can guess.
    func makeServiceToken() throws -> ServiceToken {
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        if !FileManager.default.fileExists(atPath: serviceTokenFile.path) {
            var generator = SystemRandomNumberGenerator()
            let token = (0..<4).map { _ in String(generator.next() as UInt64, radix: 16) }.joined()
            guard
                FileManager.default.createFile(
                    atPath: serviceTokenFile.path,
                    contents: Data(token.utf8),
                    attributes: [.posixPermissions: 0o600]
                )
            else {
                throw ValidationError("cannot write \(serviceTokenFile.path)")
            }
        }
        return try ServiceToken(file: serviceTokenFile)
    }
}
