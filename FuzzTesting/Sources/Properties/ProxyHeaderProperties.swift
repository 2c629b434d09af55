import EngineIOCore
import NIOCore

/// A header is found whole and byte by byte alike, takes no more than its bound, and names an address with a port.
func checkProxyHeader(_ input: [UInt8]) throws {
    var whole = ByteBuffer(bytes: input)
    let result = Result { try ProxyHeader.read(from: &whole) }
    let taken = input.count - whole.readableBytes
    switch result {
    case .success(nil): try require(taken == 0, "incomplete, and \(taken) bytes taken")
    case .success(let header?):
        try require((8...ProxyHeader.maximumLength).contains(taken), "a header of \(taken) bytes")
        if case .client(let address) = header { try require(address.ipAddress != nil && address.port != nil, "no address: \(address)") }
    case .failure: break
    }
    var part = ByteBuffer()
    for (index, byte) in input.prefix(ProxyHeader.maximumLength + 1).enumerated() {
        part.writeInteger(byte)
        do {
            guard let header = try ProxyHeader.read(from: &part) else { continue }
            try require((try? result.get()) == header && taken == index + 1, "\(header) after \(index + 1) bytes, whole: \(result)")
        } catch let error as ProxyHeaderError {
            guard case .failure(let whole) = result else { throw PropertyViolation(description: "\(error) in parts, whole: \(result)") }
            try require(whole is ProxyHeaderError, "another error: \(whole)")
        }
        return
    }
    if input.count <= ProxyHeader.maximumLength {
        guard case .success(nil) = result else { throw PropertyViolation(description: "nothing in parts, whole: \(result)") }
    }
}
