import MessagePack
import NIOCore
import SocketIOCore

/// Socket.IO packets in MessagePack: what is accepted keeps the limits, and means the same when it is written and read again.
func checkMessagePackPackets(_ input: [UInt8]) throws {
    guard let (packet, attachments) = try? SocketPacket.decode(messagePack: ByteBuffer(bytes: input)) else { return }
    try require(packet.kind.rawValue <= 4 && packet.attachmentCount == 0, "\(packet.kind) with \(packet.attachmentCount)")
    try require(packet.namespace.utf8.first == UInt8(ascii: "/") && !packet.namespace.utf8.contains(UInt8(ascii: ",")), packet.namespace)
    try require(packet.namespace.utf8.count <= SocketPacket.maximumNamespaceLength, "a namespace of \(packet.namespace.utf8.count) bytes")
    try require(packet.ackID ?? 0 <= SocketPacket.maximumAckID, "ack id \(packet.ackID ?? 0)")
    try require(attachments.count <= SocketPacket.maximumBinaryValues, "\(attachments.count) binary values")

    // A map that looks like a placeholder becomes binary data on the way back: the packet is compared from there on.
    let message = packet.messagePack(attachments: attachments)
    let (first, copies) = try require(try? SocketPacket.decode(messagePack: message), "our own packet is refused")
    try require(first.kind == packet.kind && isSame(first.namespace, packet.namespace) && first.ackID == packet.ackID, "another packet")
    let (second, again) = try SocketPacket.decode(messagePack: first.messagePack(attachments: copies))
    try require(first == second && copies == again, "a second time is another packet")

    // Above the codec it is a packet like any other.
    _ = try? SocketMessage(packet, attachments: attachments)
    var assembler = PacketAssembler(parser: .msgpack)
    _ = try? assembler.received(binary: message)
    try require((try? assembler.received(text: ByteBuffer(string: "40"))) == nil, "a text where there are none")
}
