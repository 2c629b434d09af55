public import GatewayDomain
public import JSONScan

/// One event as a publisher hands it in, checked; `data` is still the text that the publisher wrote.
public struct Envelope: Sendable {
    /// What kind of event it is.
    public let type: EventType
    /// The trading pair, or for charts the base; upper-case.
    public let symbol: String?
    /// The same as an instrument, where it is one.
    let instrument: Instrument?
    /// Whom a personal event concerns.
    public let userID: UserID?
    /// The publisher's id of the event, by which repeats are recognised. A notification's own id stands for the envelope's.
    public let id: String?
    /// Milliseconds since 1970; `nil` where the publisher gave none.
    public let timestamp: Int64?
    /// Whether `data` holds changes of the last order book, sizes of zero where a level is gone, instead of a whole one.
    public let isDelta: Bool
    /// The payload: a JSON object.
    public let data: JSONObject
    /// What the publisher says about the event, as it was written: for those behind a bus, not for clients.
    let metadata: [UInt8]?

    /// By what a repeat of the copy for `user`, or of the one for everybody, is recognised: publishers number each stream for itself, so the
    /// id alone would not do.
    func duplicateKey(for user: UserID?) -> String? {
        id.map { "\(type.rawValue)/\(symbol ?? "")/\(user?.rawValue ?? "")/\($0)" }
    }

    /// The largest envelope that is accepted, in bytes.
    public static let maximumLength = 1_000_000

    /// Reads one envelope.
    ///
    /// - Throws: ``EnvelopeError`` that says what was expected.
    public init(json: [UInt8]) throws(EnvelopeError) {
        try self.init(json: json, naming: .random)
    }

    /// Reads one envelope, and names a notification without an id.
    init(json: [UInt8], naming: NotificationNaming) throws(EnvelopeError) {
        guard json.count <= Self.maximumLength else {
            throw EnvelopeError("an envelope may have at most \(Self.maximumLength) bytes")
        }
        try Self.checkUTF8(json)
        var scanner = JSONScanner(json.span)
        self = try Self(&scanner, of: json, naming)
        do { try scanner.end() } catch { throw EnvelopeError("not a JSON object: \(error)") }
    }

    /// Reads a text that is one envelope or an array of them, in one pass. What is wrong with which of them it does not say.
    ///
    /// - Throws: ``EnvelopeError``, where anything is wrong.
    static func all(in text: [UInt8]) throws(EnvelopeError) -> [Envelope] {
        try checkUTF8(text)
        var scanner = JSONScanner(text.span)
        var envelopes: [Envelope] = []
        do {
            if try scanner.nextKind() == .array {
                guard try scanner.enter(.array) else { return [] }
                repeat { envelopes.append(try Envelope(&scanner, of: text)) } while try scanner.hasNext(in: .array)
            } else {
                envelopes.append(try Envelope(&scanner, of: text))
            }
            try scanner.end()
        } catch let error as EnvelopeError { throw error } catch { throw EnvelopeError("not JSON: \(error)") }
        return envelopes
    }

    /// What is no UTF-8 would end the WebSocket of everyone who gets it (RFC 6455, section 8.1), and again with each snapshot.
    private static func checkUTF8(_ text: [UInt8]) throws(EnvelopeError) {
        do { _ = try UTF8Span(validating: text.span) } catch { throw EnvelopeError("the text is not UTF-8") }
    }

    /// Reads the envelope at the scanner's position, which shares `text`, in which it stands.
    private init(_ scanner: inout JSONScanner, of text: [UInt8], _ naming: NotificationNaming = .random) throws(EnvelopeError) {
        var inner: JSONObject?
        let object: JSONObject
        do { object = try JSONObject(&scanner, of: text, steppingInto: "data", &inner) } catch {
            throw EnvelopeError("not a JSON object: \(error)")
        }
        let fields = EnvelopeFields(object)
        guard let name = fields.type.flatMap(object.string(at:)) else { throw EnvelopeError("`type` is missing or not a string") }
        guard let type = EventType(rawValue: name) else {
            let known = EventType.allCases.map(\.rawValue).joined(separator: ", ")
            throw EnvelopeError("unknown `type`; expected one of \(known)")
        }
        self.type = type
        guard let data = inner else { throw EnvelopeError("`data` is missing or not an object") }
        self.data = data
        metadata = fields.metadata.map { Array(object.raw(at: $0)) }
        (symbol, instrument) = try fields.symbol(type)
        userID = try fields.userID(type)
        // A notification needs an id, by which the client says that it has it.
        var id = try fields.id()
        if id == nil, type == .notification { id = try EnvelopeFields(data).id() }
        if id == nil, type == .notification { id = naming.id(of: text) }
        self.id = id
        timestamp = try fields.timestamp()
        isDelta = try fields.isDelta(type)
    }
}

/// Why an envelope was refused; the code is always ``ErrorCode/invalidMessage``.
public struct EnvelopeError: Error, Hashable, Sendable, CustomStringConvertible {
    /// What was expected, for the publisher.
    public let message: String

    init(_ message: String) {
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
