/// A decoder that is fuzzed. The raw value names its folders in `Corpus` and `FailCases`.
package enum FuzzTarget: String, CaseIterable, Sendable {
    case json, polling, polling3, packets, query, opening, websocket, msgpack, resp
    case msgpackPackets = "msgpack-packets"
    case proxyHeader = "proxy-header"

    /// Decodes `input` and checks what must hold of the result, whatever the input is.
    ///
    /// - Throws: ``PropertyViolation``. Input that the decoder refuses is none.
    package func check(_ input: [UInt8]) throws {
        switch self {
        case .json: try checkJSON(input)
        case .polling: try checkPolling(input)
        case .polling3: try checkPolling3(input)
        case .packets: try checkPackets(input)
        case .query: try checkQuery(input)
        case .opening: try checkOpening(input)
        case .websocket: try checkWebSocket(input)
        case .msgpack: try checkMessagePack(input)
        case .msgpackPackets: try checkMessagePackPackets(input)
        case .resp: try checkRESP(input)
        case .proxyHeader: try checkProxyHeader(input)
        }
    }

    /// The body of `LLVMFuzzerTestOneInput`: a violation ends the process, so that libFuzzer keeps the input.
    package func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        do {
            try check(Array(UnsafeBufferPointer(start: start, count: count)))
        } catch {
            fatalError("\(rawValue): \(error)")
        }
        return 0
    }
}

/// A decoder did what it must never do.
package struct PropertyViolation: Error, CustomStringConvertible {
    /// Which rule, and with what.
    package let description: String
}

func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(PropertyViolation) {
    guard condition else { throw PropertyViolation(description: what()) }
}

func require<Value>(_ value: Value?, _ what: @autoclosure () -> String) throws(PropertyViolation) -> Value {
    guard let value else { throw PropertyViolation(description: what()) }
    return value
}

/// Equal bytes: `==` of strings takes different bytes for equal where they are canonically equivalent.
func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }
