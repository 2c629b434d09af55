import JSONScan

/// Where the containers of a JSON text end and how many elements each has: MessagePack says it before the elements.
///
/// 8 bytes for each array and object, in the order they begin.
struct JSONShape {
    struct Container {
        /// Elements of an array, members of an object.
        var count: UInt32
        /// The offset after its closing bracket.
        var end: UInt32
    }

    private(set) var containers: [Container] = []

    /// The shape of the one value that begins at `start` of `json`, which a scanner has accepted.
    init(_ json: Span<UInt8>, _ start: Int, _ end: Int) {
        // The containers that are open, and whether anything but white space came in the innermost.
        var open: [Int] = []
        var index = start
        while index < end {
            switch json[index] {
            case UInt8(ascii: "["), UInt8(ascii: "{"):
                Self.began(&containers, open)
                open.append(containers.count)
                containers.append(Container(count: 0, end: 0))
            case UInt8(ascii: "]"), UInt8(ascii: "}"): containers[open.removeLast()].end = UInt32(index + 1)
            case UInt8(ascii: ","): containers[open[open.count - 1]].count += 1
            case UInt8(ascii: "\""):
                Self.began(&containers, open)
                index = Self.endOfString(json, index) - 1
            case 0x20, 0x0A, 0x0D, 0x09, UInt8(ascii: ":"): break
            default: Self.began(&containers, open)
            }
            index += 1
        }
    }

    /// The first element of a container has no comma before it.
    private static func began(_ containers: inout [Container], _ open: [Int]) {
        if let innermost = open.last, containers[innermost].count == 0 { containers[innermost].count = 1 }
    }

    /// The offset after the closing quote of the string that begins at `start`.
    static func endOfString(_ json: Span<UInt8>, _ start: Int) -> Int {
        var index = start + 1
        while json[index] != UInt8(ascii: "\"") { index += json[index] == UInt8(ascii: "\\") ? 2 : 1 }
        return index + 1
    }
}
