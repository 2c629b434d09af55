import Testing

/// A stretch of bytes in a table.
enum Stretch {
    case hex(String)
    /// So many times the same byte.
    case run(UInt8, Int)

    var bytes: [UInt8] {
        switch self {
        case .hex(let digits): unhex(digits)
        case .run(let byte, let count): Array(repeating: byte, count: count)
        }
    }
}

/// The bytes of hexadecimal digits, spaces left out.
func unhex(_ digits: String) -> [UInt8] {
    let digits = digits.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

/// Bytes as hexadecimal digits, to be read in a failure.
func digits(_ bytes: some Sequence<UInt8>) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

/// The same value in MessagePack and in JSON.
struct Pair: CustomTestStringConvertible {
    let bytes: [UInt8]
    let json: [UInt8]

    init(_ bytes: [Stretch], json: [Stretch]) {
        self.bytes = bytes.flatMap(\.bytes)
        self.json = json.flatMap(\.bytes)
    }

    var testDescription: String { String(decoding: json.prefix(40), as: UTF8.self) }
}

/// A timestamp in MessagePack.
struct Time {
    let bytes: [UInt8]
    let seconds: Int64
    let nanoseconds: UInt32

    init(_ bytes: [Stretch], _ seconds: Int64, _ nanoseconds: UInt32) {
        self.bytes = bytes.flatMap(\.bytes)
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }
}

/// The same data as `bin` and as an extension of type 42.
struct Blob {
    let data: [UInt8]
    let binary: [UInt8]
    let `extension`: [UInt8]

    init(count: Int, binary: [Stretch], extension: [Stretch]) {
        self.data = Array(repeating: 7, count: count)
        self.binary = binary.flatMap(\.bytes)
        self.extension = `extension`.flatMap(\.bytes)
    }
}

/// An array of nothing but nils.
struct Nils {
    let count: Int
    let bytes: [UInt8]

    init(count: Int, _ bytes: [Stretch]) {
        self.count = count
        self.bytes = bytes.flatMap(\.bytes)
    }
}
