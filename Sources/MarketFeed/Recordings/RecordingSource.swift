import Foundation

/// The bytes of a recording, readable from the start any number of times.
struct RecordingSource: Sendable {
    /// Gives the next bytes; none at the end.
    typealias Reader = () throws -> [UInt8]

    /// The file as messages name it.
    let name: String
    let open: @Sendable () throws -> Reader

    private static let chunkSize = 64 * 1024

    /// A file, read chunk by chunk: recordings may be larger than the memory.
    static func file(_ path: String) -> RecordingSource {
        RecordingSource(name: path) {
            do {
                let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
                return {
                    do {
                        return [UInt8](try handle.read(upToCount: chunkSize) ?? Data())
                    } catch {
                        throw unreadable(path, error)
                    }
                }
            } catch {
                throw unreadable(path, error)
            }
        }
    }

    private static func unreadable(_ path: String, _ error: any Error) -> RecordingError {
        RecordingError(.unreadable, file: path, "cannot be read: \(error.localizedDescription)")
    }
}
