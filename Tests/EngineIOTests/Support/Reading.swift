import EngineIO
import NIOCore

/// A latest value for tests: the readings `first` to `last` of one sensor.
struct Reading: ConflatableMessage, Equatable {
    let sensor: String
    var first: Int
    let last: Int

    init(_ sensor: String, _ number: Int) {
        self.sensor = sensor
        first = number
        last = number
    }

    var key: ConflationKey { ConflationKey(group: "sensors", item: sensor) }
    var text: String { "4\(sensor)\(first)-\(last)" }
    var byteCount: Int { text.utf8.count + 2 }

    func replacing(_ earlier: any ConflatableMessage) -> any ConflatableMessage {
        var merged = self
        if let earlier = earlier as? Reading { merged.first = earlier.first }
        return merged
    }

    func makeFrame() -> OutboundFrame {
        OutboundFrame(capacity: byteCount, conflation: self) { $0.writeString(text) }
    }
}
