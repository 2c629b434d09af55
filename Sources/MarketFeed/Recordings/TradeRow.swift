import GatewayDomain

/// One row of a Binance public trade file.
enum TradeRow {
    static let columns = ["id", "price", "qty", "quoteQty", "time", "isBuyerMaker", "isBestMatch"]
    static let layout = columns.joined(separator: ",")

    /// Why a line is not a trade.
    struct Malformed: Error {
        var message: String
    }

    /// Whether the line names the columns. Some of Binance's files have such a line, some begin with the first trade.
    static func isHeader(_ line: String) -> Bool {
        line.split(separator: ",", omittingEmptySubsequences: false).map { String(trimmed($0)) } == columns
    }

    /// Reads one trade.
    static func parse(_ line: String) throws(Malformed) -> Trade {
        let fields = line.split(separator: ",", omittingEmptySubsequences: false).map { trimmed($0) }
        guard fields.count == columns.count else {
            throw Malformed(message: "expected \(columns.count) columns (\(layout)), found \(fields.count)")
        }
        guard isDigits(fields[0], atMost: 20) else { throw unexpected("a whole number", in: 0, fields) }
        guard let price = Trade.Amount(fields[1]) else { throw unexpected("a decimal number", in: 1, fields) }
        guard price.value.unscaled > 0 else { throw unexpected("a price above zero", in: 1, fields) }
        guard let quantity = Trade.Amount(fields[2]) else { throw unexpected("a decimal number", in: 2, fields) }
        guard DecimalText(fields[3]) != nil else { throw unexpected("a decimal number", in: 3, fields) }
        guard let microseconds = microseconds(fields[4]) else {
            throw unexpected("milliseconds (13 digits) or microseconds (16 digits) since 1970", in: 4, fields)
        }
        guard let isBuyerMaker = flag(fields[5]) else { throw unexpected("true or false", in: 5, fields) }
        guard flag(fields[6]) != nil else { throw unexpected("true or false", in: 6, fields) }
        return Trade(
            id: String(fields[0]),
            price: price,
            quantity: quantity,
            side: isBuyerMaker ? .sell : .buy,
            microseconds: microseconds
        )
    }

    private static func microseconds(_ text: Substring) -> Int64? {
        guard isDigits(text, atMost: 16), let number = Int64(text) else { return nil }
        switch text.utf8.count {
        case 13: return number * 1000
        case 16: return number
        default: return nil
        }
    }

    private static func flag(_ text: Substring) -> Bool? {
        switch text {
        case "True", "true", "TRUE", "1": true
        case "False", "false", "FALSE", "0": false
        default: nil
        }
    }

    private static func isDigits(_ text: Substring, atMost count: Int) -> Bool {
        (1...count).contains(text.utf8.count) && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    private static func trimmed(_ field: Substring) -> Substring {
        guard let first = field.firstIndex(where: { $0 != " " }), let last = field.lastIndex(where: { $0 != " " }) else { return "" }
        return field[first...last]
    }

    private static func unexpected(_ expectation: String, in column: Int, _ fields: [Substring]) -> Malformed {
        Malformed(message: "expected \(expectation) as \(columns[column]), found \"\(fields[column].prefix(40))\"")
    }
}
