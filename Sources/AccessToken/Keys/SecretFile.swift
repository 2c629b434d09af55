import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Files that hold secrets: read whole, or created so that nobody else can ever read them.
package enum SecretFile {
    /// The largest file taken for a secret, in bytes.
    static let maximumSize = 1 << 20

    /// The bytes of a file less one trailing newline (LF or CRLF), which editors and `echo` add.
    package static func read(_ file: URL) throws(TokenKeyError) -> [UInt8] {
        var bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: file))
        } catch {
            throw .unreadable(file, "it cannot be read")
        }
        guard bytes.count <= maximumSize else { throw .malformed(file: file, "it is too large for a secret") }
        if bytes.last == UInt8(ascii: "\n") {
            bytes.removeLast()
            if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        return bytes
    }

    /// The bytes of the file, which is created with mode 0600 and these contents if it is not there. Missing folders are created with 0700.
    ///
    /// The file appears under its name complete or not at all, and where two processes start at once, both get the contents of the first.
    package static func readOrCreate(_ file: URL, contents: () -> [UInt8]) throws(TokenKeyError) -> [UInt8] {
        if access(file.path, F_OK) == 0 { return try read(file) }
        let directory = file.deletingLastPathComponent()
        do {
            try FileManager.default.createDirectory(
                at: directory,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw .unreadable(directory, "the folder cannot be created")
        }
        let temporary = directory.appending(path: ".\(file.lastPathComponent).\(UUID().uuidString)")
        defer { unlink(temporary.path) }
        try write(contents(), to: temporary)
        // Unlike rename, link does not replace what another process may have put there in the meantime.
        guard link(temporary.path, file.path) == 0 || errno == EEXIST else {
            throw .unreadable(file, String(cString: strerror(errno)))
        }
        return try read(file)
    }

    private static func write(_ bytes: [UInt8], to file: URL) throws(TokenKeyError) {
        let descriptor = open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .unreadable(file, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        do {
            try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: Data(bytes))
        } catch {
            throw .unreadable(file, "it cannot be written")
        }
        guard fsync(descriptor) == 0 else { throw .unreadable(file, String(cString: strerror(errno))) }
    }
}
