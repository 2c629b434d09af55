public import NIOCore

extension ByteBuffer {
    /// Appends the beginning of a command with this many arguments, its name counted.
    public mutating func writeRESPCommand(argumentCount: Int) {
        writeRESPLine("*", argumentCount)
    }

    /// Appends an argument of a command, or a string of bytes.
    public mutating func writeRESPBulk(_ text: String) {
        writeRESPLine("$", text.utf8.count)
        writeString(text)
        writeString("\r\n")
    }

    /// Appends an argument of a command, or a string of bytes.
    public mutating func writeRESPBulk(_ bytes: ByteBuffer) {
        writeRESPLine("$", bytes.readableBytes)
        writeImmutableBuffer(bytes)
        writeString("\r\n")
    }

    /// Appends a value as a server of version 3 writes it.
    public mutating func writeRESP(_ value: RESPValue) {
        switch value {
        case .simpleString(let text): writeString("+\(text)\r\n")
        case .bulkString(let bytes): writeRESPBulk(bytes)
        case .integer(let integer): writeString(":\(integer)\r\n")
        case .double(let double):
            writeString(",\(double.isNaN ? "nan" : double.isInfinite ? (double < 0 ? "-inf" : "inf") : "\(double)")\r\n")
        case .boolean(let boolean): writeString(boolean ? "#t\r\n" : "#f\r\n")
        case .null: writeString("_\r\n")
        case .array(let elements): writeRESP("*", elements)
        case .set(let elements): writeRESP("~", elements)
        case .push(let elements): writeRESP(">", elements)
        case .map(let pairs):
            writeRESPLine("%", pairs.count)
            for pair in pairs {
                writeRESP(pair.key)
                writeRESP(pair.value)
            }
        case .error(let error):
            // A short error is one line, as servers write it; what does not fit in a line has a length.
            if error.message.utf8.contains(where: { $0 == 13 || $0 == 10 }) {
                writeRESPLine("!", error.message.utf8.count)
                writeString("\(error.message)\r\n")
            } else {
                writeString("-\(error.message)\r\n")
            }
        case .bigNumber(let digits): writeString("(\(digits)\r\n")
        case .verbatim(let format, let text):
            writeRESPLine("=", text.readableBytes + 4)
            writeString("\(format):")
            writeImmutableBuffer(text)
            writeString("\r\n")
        }
    }

    private mutating func writeRESP(_ type: String, _ elements: [RESPValue]) {
        writeRESPLine(type, elements.count)
        for element in elements { writeRESP(element) }
    }

    private mutating func writeRESPLine(_ type: String, _ number: Int) {
        writeString("\(type)\(number)\r\n")
    }
}
