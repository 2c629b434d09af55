public import NIOCore

/// Reads values from a stream of bytes, in whatever pieces they come. What has been read of a value is kept between the pieces: a large
/// array is not read anew with each.
public struct RESPParser: Sendable {
    /// What is allowed.
    public let limits: RESPLimits
    private var open: [Aggregate] = []
    private var elementCount = 0
    private var valueLength = 0
    /// How much of the line that is to be read next has been searched for its end.
    private var searched = 0

    /// A parser at the beginning of a value.
    public init(limits: RESPLimits = RESPLimits()) {
        self.limits = limits
    }

    /// Whether a value has been begun: an end of the stream here cuts it.
    public var isInsideValue: Bool { !open.isEmpty }

    /// Takes the next whole value from the front of `buffer`; `nil` where more bytes are needed.
    ///
    /// - Throws: ``RESPProtocolError``; the parser is of no use after that.
    public mutating func next(from buffer: inout ByteBuffer) throws(RESPProtocolError) -> RESPValue? {
        while let part = try nextPart(from: &buffer) {
            var value: RESPValue
            switch part {
            case .value(let complete): value = complete
            case .aggregate(let aggregate):
                guard aggregate.missing == 0 else {
                    open.append(aggregate)
                    continue
                }
                guard let empty = aggregate.value else { continue }
                value = empty
            }
            while true {
                guard var parent = open.popLast() else {
                    (elementCount, valueLength) = (0, 0)
                    return value
                }
                parent.elements.append(value)
                parent.missing -= 1
                if parent.missing > 0 {
                    open.append(parent)
                    break
                }
                // Attributes are about the value that follows: they fill no place in the array around them.
                guard let complete = parent.value else { break }
                value = complete
            }
        }
        return nil
    }

    private enum Part {
        case value(RESPValue)
        case aggregate(Aggregate)
    }

    /// An array, map or the like of which elements are missing.
    private struct Aggregate {
        enum Kind { case array, map, set, push, attribute }
        let kind: Kind
        var elements: [RESPValue] = []
        var missing: Int

        /// `nil`: attributes, which nobody asked for.
        var value: RESPValue? {
            switch kind {
            case .array: .array(elements)
            case .set: .set(elements)
            case .push: .push(elements)
            case .attribute: nil
            case .map: .map(stride(from: 0, to: elements.count, by: 2).map { RESPPair(elements[$0], elements[$0 + 1]) })
            }
        }
    }

    private mutating func nextPart(from buffer: inout ByteBuffer) throws(RESPProtocolError) -> Part? {
        guard let type = buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) else { return nil }
        guard let lineLength = try lineLength(in: buffer) else { return nil }
        // Text is what most lines are not: numbers are read from the bytes.
        func line() -> String { buffer.getString(at: buffer.readerIndex + 1, length: lineLength) ?? "" }
        var payload: ByteBuffer?
        let part: Part
        switch type {
        case UInt8(ascii: "+"): part = .value(.simpleString(line()))
        case UInt8(ascii: "-"): part = .value(.error(RESPError(line())))
        case UInt8(ascii: ":"): part = .value(.integer(try Self.number(buffer, lineLength)))
        case UInt8(ascii: ","): part = .value(.double(try Self.double(line())))
        case UInt8(ascii: "#"): part = .value(.boolean(try Self.boolean(line())))
        case UInt8(ascii: "("): part = .value(.bigNumber(try Self.bigNumber(line())))
        case UInt8(ascii: "_"):
            guard lineLength == 0 else { throw .malformedNumber }
            part = .value(.null)
        case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"):
            guard let length = try length(buffer, lineLength) else {
                part = .value(.null)
                break
            }
            guard length <= limits.maximumBulkLength else { throw .tooLarge(limit: "maximumBulkLength") }
            guard valueLength + length <= limits.maximumValueLength else { throw .tooLarge(limit: "maximumValueLength") }
            let start = buffer.readerIndex + 1 + lineLength + 2
            guard buffer.writerIndex >= start + length + 2 else { return nil }
            guard let content = buffer.getSlice(at: start, length: length),
                buffer.getInteger(at: start + length, as: UInt16.self) == 0x0D0A
            else { throw .missingLineEnd }
            part = .value(try Self.bulk(type, content))
            payload = content
        case UInt8(ascii: "*"): part = try aggregate(.array, buffer, lineLength)
        case UInt8(ascii: "%"): part = try aggregate(.map, buffer, lineLength)
        case UInt8(ascii: "~"): part = try aggregate(.set, buffer, lineLength)
        case UInt8(ascii: ">"): part = try aggregate(.push, buffer, lineLength)
        case UInt8(ascii: "|"): part = try aggregate(.attribute, buffer, lineLength)
        default: throw .unknownType(type)
        }
        let size = 1 + lineLength + 2 + (payload.map { $0.readableBytes + 2 } ?? 0)
        buffer.moveReaderIndex(forwardBy: size)
        searched = 0
        valueLength += size
        elementCount += 1
        guard valueLength <= limits.maximumValueLength else { throw .tooLarge(limit: "maximumValueLength") }
        guard elementCount <= limits.maximumElementCount else { throw .tooLarge(limit: "maximumElementCount") }
        return part
    }

    /// The length of the line behind the type's byte; `nil` where its end has not come.
    private mutating func lineLength(in buffer: ByteBuffer) throws(RESPProtocolError) -> Int? {
        let view = buffer.readableBytesView
        let start = view.startIndex + 1
        if let end = view[(start + searched)...].firstIndex(of: UInt8(ascii: "\r")) {
            guard end - start <= limits.maximumLineLength else { throw .tooLarge(limit: "maximumLineLength") }
            guard end + 1 < view.endIndex else {
                searched = end - start
                return nil
            }
            guard view[end + 1] == UInt8(ascii: "\n") else { throw .missingLineEnd }
            return end - start
        }
        searched = view.endIndex - start
        guard searched <= limits.maximumLineLength else { throw .tooLarge(limit: "maximumLineLength") }
        return nil
    }

    /// `nil` for -1, which version 2 writes where there is no value.
    private func length(_ buffer: ByteBuffer, _ lineLength: Int) throws(RESPProtocolError) -> Int? {
        if lineLength == 1, buffer.getInteger(at: buffer.readerIndex + 1, as: UInt8.self) == UInt8(ascii: "?") { throw .streamed }
        let number = try Self.number(buffer, lineLength)
        guard number != -1 else { return nil }
        guard let length = Int(exactly: number), length >= 0 else { throw .malformedNumber }
        return length
    }

    private func aggregate(_ kind: Aggregate.Kind, _ buffer: ByteBuffer, _ lineLength: Int) throws(RESPProtocolError) -> Part {
        guard let count = try length(buffer, lineLength) else { return .value(.null) }
        guard count <= limits.maximumElementCount else { throw .tooLarge(limit: "maximumElementCount") }
        guard open.count < limits.maximumDepth else { throw .tooLarge(limit: "maximumDepth") }
        return .aggregate(Aggregate(kind: kind, missing: kind == .map || kind == .attribute ? count * 2 : count))
    }
}

/// What stands in a line.
extension RESPParser {
    fileprivate static func number(_ buffer: ByteBuffer, _ length: Int) throws(RESPProtocolError) -> Int64 {
        let start = buffer.readerIndex + 1
        var digits = buffer.viewBytes(at: start, length: length) ?? ByteBufferView()
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative || digits.first == UInt8(ascii: "+") { digits = digits.dropFirst() }
        guard !digits.isEmpty, digits.count <= 19 else { throw .malformedNumber }
        var number: Int64 = 0
        for digit in digits {
            guard digit &- 48 < 10 else { throw .malformedNumber }
            // Downwards: the least number has no positive counterpart.
            let (product, isOver) = number.multipliedReportingOverflow(by: 10)
            let (sum, isUnder) = product.subtractingReportingOverflow(Int64(digit &- 48))
            guard !isOver, !isUnder else { throw .malformedNumber }
            number = sum
        }
        guard isNegative || number != .min else { throw .malformedNumber }
        return isNegative ? number : -number
    }

    fileprivate static func double(_ text: String) throws(RESPProtocolError) -> Double {
        switch text {
        case "inf", "+inf": return .infinity
        case "-inf": return -.infinity
        case "nan", "-nan": return .nan
        default:
            guard text.utf8.allSatisfy({ $0 &- 48 < 10 || "+-.eE".utf8.contains($0) }), let double = Double(text) else {
                throw .malformedNumber
            }
            return double
        }
    }

    fileprivate static func boolean(_ text: String) throws(RESPProtocolError) -> Bool {
        switch text {
        case "t": return true
        case "f": return false
        default: throw .malformedNumber
        }
    }

    fileprivate static func bigNumber(_ text: String) throws(RESPProtocolError) -> String {
        let digits = text.utf8.first.map { "+-".utf8.contains($0) } == true ? text.dropFirst() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 &- 48 < 10 }) else { throw .malformedNumber }
        return text
    }

    fileprivate static func bulk(_ type: UInt8, _ content: ByteBuffer) throws(RESPProtocolError) -> RESPValue {
        switch type {
        case UInt8(ascii: "!"): return .error(RESPError(String(buffer: content)))
        case UInt8(ascii: "="):
            var text = content
            guard let format = text.readString(length: 3), format.utf8.allSatisfy({ $0 < 128 }),
                text.readInteger(as: UInt8.self) == UInt8(ascii: ":")
            else { throw .malformedVerbatim }
            return .verbatim(format: format, text.slice())
        default: return .bulkString(content)
        }
    }
}

extension ByteBuffer {
    fileprivate func viewBytes(at index: Int, length: Int) -> ByteBufferView? {
        getSlice(at: index, length: length)?.readableBytesView
    }
}
