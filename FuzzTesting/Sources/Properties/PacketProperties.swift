import JSONScan
import NIOCore
import SocketIOCore

/// What the assembler gives out keeps the limits, and means the same when it is written and read again.
///
/// Each line of the input is a message: binary where it begins with `=`, else text. The first error ends the connection.
func checkPackets(_ input: [UInt8]) throws {
    var assembler = PacketAssembler()
    for line in input.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
        let message: SocketMessage?
        if line.first == UInt8(ascii: "=") {
            guard let received = try? assembler.received(binary: ByteBuffer(bytes: line.dropFirst())) else { return }
            message = received
        } else {
            // The transport lets no other text through.
            guard String(validating: line, as: UTF8.self) != nil else { return }
            let text = ByteBuffer(bytes: line)
            guard let received = try? assembler.received(text: text) else { return }
            try checkHeader(SocketPacket(text: text))
            message = received
        }
        if let message { try checkMessage(message) }
    }
}

private func checkHeader(_ packet: SocketPacket) throws {
    try require(packet.namespace.utf8.first == UInt8(ascii: "/"), "namespace \(packet.namespace)")
    try require(!packet.namespace.utf8.contains { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: ",") }, "namespace \(packet.namespace)")
    try require(packet.namespace.utf8.count <= SocketPacket.maximumNamespaceLength, "a namespace of \(packet.namespace.utf8.count) bytes")
    try require((0...SocketPacket.maximumAttachments).contains(packet.attachmentCount), "\(packet.attachmentCount) attachments")
    try require(packet.ackID ?? 0 <= SocketPacket.maximumAckID, "ack id \(packet.ackID ?? 0)")
}

private func checkMessage(_ message: SocketMessage) throws {
    switch message {
    case .connect(let namespace, let auth):
        let packet = SocketPacket(kind: .connect, namespace: namespace, json: ByteBuffer(bytes: auth?.bytes ?? []))
        guard case .connect(let againNamespace, let againAuth) = try again(packet.write, []) else {
            throw PropertyViolation(description: "no connect any more")
        }
        try require(isSame(namespace, againNamespace) && auth?.bytes == againAuth?.bytes, "another connect to \(namespace)")
    case .disconnect(let namespace):
        guard case .disconnect(let againNamespace) = try again(SocketPacket(kind: .disconnect, namespace: namespace).write, []) else {
            throw PropertyViolation(description: "no disconnect any more")
        }
        try require(isSame(namespace, againNamespace), "another disconnect from \(namespace)")
    case .event(let namespace, let name, let arguments, let ackID):
        try require(!SocketMessage.reservedEvents.contains(name), "reserved event \(name)")
        try checkArguments(arguments)
        let write = { (buffer: inout ByteBuffer) in
            SocketPacket.writeEvent(
                name,
                arguments: arguments.joined,
                namespace: namespace,
                ackID: ackID,
                attachmentCount: arguments.attachments.count,
                into: &buffer
            )
        }
        guard
            case .event(let againNamespace, let againName, let againArguments, let againID) = try again(write, arguments.attachments)
        else { throw PropertyViolation(description: "no event any more") }
        try require(isSame(namespace, againNamespace) && isSame(name, againName) && ackID == againID, "another event than \(name)")
        try requireSame(arguments, againArguments)
    case .ack(let namespace, let id, let arguments):
        try checkArguments(arguments)
        let write = { (buffer: inout ByteBuffer) in
            SocketPacket.writeAck(
                id,
                arguments: arguments.joined,
                namespace: namespace,
                attachmentCount: arguments.attachments.count,
                into: &buffer
            )
        }
        guard case .ack(let againNamespace, let againID, let againArguments) = try again(write, arguments.attachments) else {
            throw PropertyViolation(description: "no ack any more")
        }
        try require(isSame(namespace, againNamespace) && id == againID, "another ack than \(id)")
        try requireSame(arguments, againArguments)
    case .connectError, .ignored: break
    }
}

/// Reads what `write` has written, as the other side would.
private func again(_ write: (inout ByteBuffer) -> Void, _ attachments: [ByteBuffer]) throws -> SocketMessage? {
    var text = ByteBuffer()
    write(&text)
    try require(text.readInteger() == UInt8(ascii: "4"), "no Engine.IO message")
    var assembler = PacketAssembler()
    var message = try assembler.received(text: text)
    for attachment in attachments {
        try require(message == nil, "attachments are left over")
        message = try assembler.received(binary: attachment)
    }
    return message
}

private func checkArguments(_ arguments: EventArguments) throws {
    for index in -1...arguments.count {
        let isInside = arguments.count > index && index >= 0
        try require((arguments.kind(index) != nil) == isInside, "kind(\(index)) of \(arguments.count)")
        let kind = arguments.kind(index)
        let json = arguments.json(index).map { Array($0.readableBytesView) }
        try require(json.flatMap(scan)?.kind == kind, "argument \(index) is another value than its JSON")
        try require((arguments.string(index) != nil) == (kind == .string), "string(\(index))")
        if kind == .object, let json, json.count < 1024 { try require(arguments.object(index) != nil, "object(\(index))") }
        if let binary = arguments.binary(index) { try require(arguments.attachments.contains(binary), "binary(\(index))") }
    }
}

private func requireSame(_ left: EventArguments, _ right: EventArguments) throws {
    try require(left.count == right.count && left.attachments == right.attachments, "other arguments")
    for index in 0..<left.count {
        try require(left.json(index) == right.json(index) && left.binary(index) == right.binary(index), "another argument \(index)")
    }
}
