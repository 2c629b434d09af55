import GatewayDomain
import JSONScan

/// Where the members of an envelope lie, found in one pass over them, and what they mean. Where one is repeated the last counts, as in
/// JavaScript; `null` is none.
struct EnvelopeFields {
    private let object: JSONObject
    private(set) var type: JSONSlice?
    private(set) var metadata: JSONSlice?
    private var symbolSlice: JSONSlice?
    private var userIDSlice: JSONSlice?
    private var idSlice: JSONSlice?
    private var timestampSlice: JSONSlice?
    private var deltaSlice: JSONSlice?

    init(_ object: JSONObject) {
        self.object = object
        for member in object.members {
            let key = member.key
            if object.isKey(key, "type") {
                type = member.value
            } else if object.isKey(key, "symbol") {
                symbolSlice = member.value
            } else if object.isKey(key, "timestamp") {
                timestampSlice = member.value
            } else if object.isKey(key, "userId") {
                userIDSlice = member.value
            } else if object.isKey(key, "id") {
                idSlice = member.value
            } else if object.isKey(key, "delta") {
                deltaSlice = member.value
            } else if object.isKey(key, "metadata") {
                metadata = member.value
            }
        }
    }

    /// The pair as text and as an instrument; the base of a chart is none.
    func symbol(_ type: EventType) throws(EnvelopeError) -> (String?, Instrument?) {
        guard let slice = symbolSlice, slice.kind != .null else {
            if type.needsSymbol { throw EnvelopeError("`\(type.rawValue)` needs a `symbol`") }
            return (nil, nil)
        }
        guard let text = object.string(at: slice) else { throw EnvelopeError("`symbol` is not a string") }
        if let pair = Instrument.normalised(text) { return (pair.description, pair) }
        if type == .chartUpdate, Room.chartRoom(ofSymbol: text) != nil { return (text.uppercased(), nil) }
        throw EnvelopeError("`symbol` is not a pair such as BTC-USDC")
    }

    func userID(_ type: EventType) throws(EnvelopeError) -> UserID? {
        guard let slice = userIDSlice, slice.kind != .null else {
            if type.needsUserID { throw EnvelopeError("`\(type.rawValue)` needs a `userId`") }
            return nil
        }
        guard let id = object.string(at: slice).flatMap({ UserID($0) }) else {
            throw EnvelopeError("`userId` is not 8 to 64 letters, digits or hyphens")
        }
        return id
    }

    func id() throws(EnvelopeError) -> String? {
        guard let slice = idSlice, slice.kind != .null else { return nil }
        guard let text = object.string(at: slice), (1...128).contains(text.utf8.count) else {
            throw EnvelopeError("`id` is not a string of 1 to 128 bytes")
        }
        return text
    }

    func isDelta(_ type: EventType) throws(EnvelopeError) -> Bool {
        guard let slice = deltaSlice, slice.kind != .null else { return false }
        guard slice.kind == .true || slice.kind == .false else { throw EnvelopeError("`delta` is not true or false") }
        if slice.kind == .true, type != .orderBookUpdate { throw EnvelopeError("`delta` is for `order_book_update` only") }
        return slice.kind == .true
    }

    func timestamp() throws(EnvelopeError) -> Int64? {
        guard let slice = timestampSlice, slice.kind != .null else { return nil }
        guard let value = object.integer(at: slice), value >= 0 else {
            throw EnvelopeError("`timestamp` is not a whole number of milliseconds since 1970")
        }
        return value
    }
}
