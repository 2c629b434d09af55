import Foundation
import Testing

/// The recordings that lie beside the repository, where they do. They are not part of it.
enum SharedData {
    static let trades = "trades-BTC-USDT.csv"
    static let orderBook = "orderbook-XRP-USDT.jsonl"

    static func path(_ file: String) -> String {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<5 { folder.deleteLastPathComponent() }
        return folder.appendingPathComponent("shared/data/\(file)").path
    }

    static func exists(_ file: String) -> Bool {
        FileManager.default.fileExists(atPath: path(file))
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips the test, and says so, where the recording is absent.
    static func needs(_ file: String) -> Self {
        .enabled(if: SharedData.exists(file), "needs \(SharedData.path(file))")
    }
}
