import Crypto
import Foundation

/// How a notification whose publisher gave it no id gets one. Nodes that read the same from Redis must come to the same: by the id it is kept
/// once and shown once.
enum NotificationNaming {
    /// The notification is handed to this node alone.
    case random
    /// All nodes read it in this entry of a stream.
    case entry(StreamPosition.ID)
    /// All nodes hear it on a channel, at about this time in milliseconds since 1970. The same text within the same two minutes is the same
    /// notification.
    case heard(at: Int64)

    /// For how long the same text is the same notification, in milliseconds; that of a repeated `id`.
    private static let period: Int64 = 120_000

    /// The id of the notification in `text`.
    func id(of text: [UInt8]) -> String {
        switch self {
        case .random: return UUID().uuidString.lowercased()
        case .entry(let id): return id.description
        case .heard(let now):
            let digest = SHA256.hash(data: text).prefix(16).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
            return "\(digest)-\(now / Self.period)"
        }
    }
}
