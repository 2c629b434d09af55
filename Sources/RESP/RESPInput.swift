public import NIOCore

/// What comes over a connection, and the values in it.
///
/// What has been read is let go of as soon as more comes, wherever the pieces end: no more is held here than of a value that has not come whole.
/// Values are slices of what came, and hold that for themselves.
public struct RESPInput: Sendable {
    private var parser: RESPParser
    private var bytes = ByteBuffer()

    /// The beginning of a connection.
    public init(limits: RESPLimits = RESPLimits()) {
        parser = RESPParser(limits: limits)
    }

    /// How many bytes are held, read or not.
    public var heldBytes: Int { bytes.storageCapacity }

    /// Takes in what has come.
    public mutating func received(_ more: ByteBuffer) {
        if bytes.readableBytes == 0 {
            bytes = more
        } else {
            bytes.discardReadBytes()
            bytes.writeImmutableBuffer(more)
        }
    }

    /// The next whole value; `nil` where more bytes are needed.
    ///
    /// - Throws: ``RESPProtocolError``; nothing can be read after that.
    public mutating func next() throws(RESPProtocolError) -> RESPValue? {
        let value = try parser.next(from: &bytes)
        if bytes.readableBytes == 0 { bytes = ByteBuffer() }
        return value
    }
}
