public import NIOCore

/// What a proxy says ahead of a connection's bytes: whose connection it passes on (HAProxy's "The PROXY protocol", versions 1 and 2,
/// <https://www.haproxy.org/download/3.2/doc/proxy-protocol.txt>).
public enum ProxyHeader: Hashable, Sendable {
    /// The client's address.
    case client(SocketAddress)
    /// The proxy speaks for itself, as in a health check, or does not say for whom: the address is the connection's own.
    case unknown

    /// The longest header that is taken, in bytes; the format permits 65,551.
    public static let maximumLength = 4096

    private static let signature: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A]
    private static let prefix = Array("PROXY ".utf8)
    /// The longest header of version 1, with its end of line.
    private static let longestLine = 107

    /// Takes a header off the front of `buffer`.
    ///
    /// - Returns: `nil`, and `buffer` as it was, where the header has not come whole.
    /// - Throws: ``ProxyHeaderError``; a connection that begins so must be closed.
    public static func read(from buffer: inout ByteBuffer) throws(ProxyHeaderError) -> ProxyHeader? {
        let view = buffer.readableBytesView
        if isBeginning(view, of: signature) { return try readBinary(&buffer) }
        if isBeginning(view, of: prefix) { return try readLine(&buffer) }
        throw .noHeader
    }

    /// Whether one of both begins with the other.
    private static func isBeginning(_ view: ByteBufferView, of signature: [UInt8]) -> Bool {
        zip(view, signature).allSatisfy { $0 == $1 }
    }

    // MARK: Version 2

    private static func readBinary(_ buffer: inout ByteBuffer) throws(ProxyHeaderError) -> ProxyHeader? {
        let start = buffer.readerIndex + signature.count
        guard let kind = buffer.getInteger(at: start, as: UInt8.self) else { return nil }
        guard kind >> 4 == 2, kind & 15 <= 1 else { throw .malformed }
        guard let family = buffer.getInteger(at: start + 1, as: UInt8.self) else { return nil }
        guard family >> 4 <= 3, family & 15 <= 2 else { throw .malformed }
        guard let length = buffer.getInteger(at: start + 2, as: UInt16.self) else { return nil }
        let total = signature.count + 4 + Int(length)
        guard total <= maximumLength else { throw .tooLong }
        // Addresses of both ends, then both ports. What follows them is of no interest here.
        let width = [0x11: 4, 0x21: 16][Int(family)]
        let isProxied = kind & 15 == 1
        if isProxied, let width, Int(length) < 2 * width + 4 { throw .malformed }
        guard buffer.readableBytes >= total else { return nil }
        defer { buffer.moveReaderIndex(forwardBy: total) }
        guard isProxied, let width, let address = buffer.getSlice(at: start + 4, length: width),
            let port = buffer.getInteger(at: start + 4 + 2 * width, as: UInt16.self),
            let client = try? SocketAddress(packedIPAddress: address, port: Int(port))
        else { return .unknown }
        return .client(client)
    }

    // MARK: Version 1

    private static func readLine(_ buffer: inout ByteBuffer) throws(ProxyHeaderError) -> ProxyHeader? {
        let view = buffer.readableBytesView.prefix(longestLine)
        guard let end = view.firstIndex(of: 0x0A) else {
            if view.count >= longestLine { throw .tooLong }
            return nil
        }
        let line = view[..<end]
        guard line.last == 0x0D else { throw .malformed }
        let fields = line.dropLast().split(separator: 0x20, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
        buffer.moveReaderIndex(forwardBy: line.count + 1)
        if fields.count >= 2, fields[1] == "UNKNOWN" { return .unknown }
        guard fields.count == 6, let source = address(fields[2], fields[4], family: fields[1]),
            address(fields[3], fields[5], family: fields[1]) != nil
        else { throw .malformed }
        return .client(source)
    }

    private static func address(_ text: String, _ port: String, family: String) -> SocketAddress? {
        guard let number = UInt16(port), String(number) == port, let address = try? SocketAddress(ipAddress: text, port: Int(number)) else {
            return nil
        }
        switch (address, family) {
        case (.v4, "TCP4"), (.v6, "TCP6"): return address
        default: return nil
        }
    }
}

/// Why bytes are no header of the PROXY protocol.
public enum ProxyHeaderError: Error, Hashable, Sendable {
    /// They begin like none.
    case noHeader
    /// They begin like one and go on otherwise.
    case malformed
    /// It is longer than ``ProxyHeader/maximumLength``, or, of version 1, than 107 bytes.
    case tooLong
}
