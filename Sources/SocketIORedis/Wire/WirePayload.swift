import JSONScan
import MessagePack
import NIOCore

/// What another server has published, as JSON text: JSON as it is, MessagePack turned into it. Formats are told apart by the first byte.
struct WirePayload {
    /// How binary values appear in the text.
    enum BinaryForm {
        /// As `{"_placeholder":true,"num":n}`, the bytes beside the text.
        case placeholders
        /// As `JSON.stringify` writes a Buffer.
        case buffers
    }

    /// The text.
    let json: [UInt8]
    /// The binary values that placeholders stand for.
    let attachments: [ByteBuffer]

    /// Text that is at hand.
    init(json: [UInt8], attachments: [ByteBuffer] = []) {
        self.json = json
        self.attachments = attachments
    }

    /// `nil` where it is neither, or JSON in no UTF-8: that would end the WebSocket of every client that gets it (RFC 6455,
    /// section 8.1). Strings of MessagePack that are none are mended as they are read.
    init?(_ payload: ByteBuffer, binary: BinaryForm = .placeholders) {
        let bytes = Array(payload.readableBytesView)
        guard let first = bytes.first else { return nil }
        switch first {
        case UInt8(ascii: "{"):
            guard (try? UTF8Span(validating: bytes.span)) != nil else { return nil }
            self.init(json: bytes)
        // Maps and arrays of MessagePack.
        case 0x80...0x9F, 0xDC...0xDF: self.init(messagePack: bytes, binary: binary)
        default: return nil
        }
    }

    private init?(messagePack bytes: [UInt8], binary: BinaryForm) {
        guard let value = try? MessagePackValue(bytes) else { return nil }
        var (json, attachments): ([UInt8], [ByteBuffer]) = ([], [])
        do {
            try value.appendJSON(to: &json, form: .javaScript) { range, output throws(MessagePackError) in
                guard attachments.count < Self.maximumAttachments else { throw MessagePackError(.tooLong, at: range.lowerBound) }
                switch binary {
                case .placeholders:
                    output.append(contentsOf: "{\"_placeholder\":true,\"num\":\(attachments.count)}".utf8)
                    attachments.append(ByteBuffer(bytes: bytes[range]))
                case .buffers:
                    let list = bytes[range].map { "\($0)" }.joined(separator: ",")
                    output.append(contentsOf: "{\"type\":\"Buffer\",\"data\":[\(list)]}".utf8)
                }
            }
        } catch {
            return nil
        }
        self.init(json: json, attachments: attachments)
    }

    /// The most binary values of one message.
    static let maximumAttachments = 1_000

    /// The elements of the array that the text is; `nil` where it is none.
    var elements: [ArraySlice<UInt8>]? { Self.elements(json[...]) }

    /// The elements of an array; `nil` where it is none.
    static func elements(_ json: ArraySlice<UInt8>) -> [ArraySlice<UInt8>]? {
        let bytes = Array(json)
        guard bytes.first == UInt8(ascii: "[") else { return nil }
        var ranges: [Range<Int>] = []
        var scanner = JSONScanner(bytes.span)
        guard (try? scanner.forEachElement { ranges.append($0.range) }) != nil else { return nil }
        return ranges.map { bytes[$0] }
    }
}
