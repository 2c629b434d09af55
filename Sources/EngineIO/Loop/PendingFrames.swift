import NIOCore

/// What connections of one loop are to send at the end of this pass.
///
/// A trie of frames: a connection holds the index of the node that ends its sequence. Connections with the same sequence (the members of
/// one room) share the node, and so the contiguous buffer that is made of it: whatever the number of members, a message costs one node,
/// and several messages of one pass one concatenation and one write each.
struct PendingFrames {
    /// The end of a sequence; ``none`` where nothing is pending.
    struct Cursor: Hashable {
        fileprivate var index: Int32
        static let none = Cursor(index: -1)
    }

    private struct Node {
        let frame: OutboundFrame
        let previous: Int32
        var latestSuccessor: Int32
        /// The successor of `previous` that was the latest before this one.
        let olderSibling: Int32
        let count: Int
        let byteCount: Int
        var contiguous: ByteBuffer?
        /// As `contiguous`, for those who have agreed on compression with this window.
        var deflated: (windowBits: Int, bytes: ByteBuffer)?
    }

    /// The last step taken, which most members of a room take one after the other.
    private struct Step {
        var from: Int32 = -1
        /// Compared only, while its node holds it.
        var frame: ObjectIdentifier?
        var to: Int32 = -1
        var isLong = false
    }

    private var nodes: ContiguousArray<Node> = []
    private var latestFirst: Int32 = -1
    private var lastStep = Step()
    /// The sequence whose bytes were asked for last, and those bytes.
    private var lastBytes: (index: Int32, bytes: ByteBuffer) = (-1, ByteBuffer())

    /// The sequence at `cursor` and then `frame`.
    @inline(__always)
    mutating func appending(_ frame: OutboundFrame, to cursor: Cursor) -> Cursor {
        if cursor.index == lastStep.from, lastStep.frame == ObjectIdentifier(frame) { return Cursor(index: lastStep.to) }
        let next = step(frame, from: cursor)
        lastStep = Step(from: cursor.index, frame: ObjectIdentifier(frame), to: next.index, isLong: isLong(next.index))
        return next
    }

    private mutating func step(_ frame: OutboundFrame, from cursor: Cursor) -> Cursor {
        let candidate = cursor == .none ? latestFirst : nodes[Int(cursor.index)].latestSuccessor
        if candidate >= 0 {
            if nodes[Int(candidate)].frame === frame { return Cursor(index: candidate) }
            if let older = olderSibling(of: candidate, with: frame) { return Cursor(index: older) }
        }
        let index = Int32(nodes.count)
        if cursor == .none {
            nodes.append(
                Node(frame: frame, previous: -1, latestSuccessor: -1, olderSibling: candidate, count: 1, byteCount: frame.byteCount)
            )
            latestFirst = index
        } else {
            let previous = nodes[Int(cursor.index)]
            nodes[Int(cursor.index)].latestSuccessor = index
            nodes.append(
                Node(
                    frame: frame,
                    previous: cursor.index,
                    latestSuccessor: -1,
                    olderSibling: candidate,
                    count: previous.count + 1,
                    byteCount: previous.byteCount + frame.byteCount
                )
            )
        }
        return Cursor(index: index)
    }

    /// Members of both protocols lie mixed in a room, and a message has up to three forms: the two before the latest are looked at, too.
    private func olderSibling(of candidate: Int32, with frame: OutboundFrame) -> Int32? {
        var index = candidate
        for _ in 0..<2 {
            index = nodes[Int(index)].olderSibling
            guard index >= 0 else { return nil }
            if nodes[Int(index)].frame === frame { return index }
        }
        return nil
    }

    /// How many bytes the sequence has.
    func byteCount(_ cursor: Cursor) -> Int {
        cursor == .none ? 0 : nodes[Int(cursor.index)].byteCount
    }

    /// Whether the sequence is to be written before the end of the pass, which bounds the sequences and with them the memory of a pass.
    @inline(__always)
    func isLong(_ cursor: Cursor) -> Bool { cursor.index == lastStep.to ? lastStep.isLong : isLong(cursor.index) }

    private func isLong(_ index: Int32) -> Bool { nodes[Int(index)].count >= 64 || nodes[Int(index)].byteCount >= 128 << 10 }

    /// The frames of the sequence, in order.
    func frames(_ cursor: Cursor) -> [OutboundFrame] {
        var frames: [OutboundFrame] = []
        var index = cursor.index
        while index >= 0 {
            frames.append(nodes[Int(index)].frame)
            index = nodes[Int(index)].previous
        }
        return frames.reversed()
    }

    /// How many frames the sequence has.
    func count(_ cursor: Cursor) -> Int {
        cursor == .none ? 0 : nodes[Int(cursor.index)].count
    }

    /// The bytes of the sequence in one buffer, made at the first call and shared afterwards.
    @inline(__always)
    mutating func bytes(_ cursor: Cursor) -> ByteBuffer {
        if cursor.index != lastBytes.index { lastBytes = (cursor.index, contiguousBytes(cursor)) }
        return lastBytes.bytes
    }

    private mutating func contiguousBytes(_ cursor: Cursor) -> ByteBuffer {
        let index = Int(cursor.index)
        if nodes[index].count == 1 { return nodes[index].frame.webSocket }
        if let contiguous = nodes[index].contiguous { return contiguous }
        var buffer = ByteBufferAllocator().buffer(capacity: nodes[index].byteCount)
        for frame in frames(cursor) { buffer.writeImmutableBuffer(frame.webSocket) }
        nodes[Int(cursor.index)].contiguous = buffer
        return buffer
    }

    /// The bytes of the sequence for connections that have agreed on compression with a window of 2^`windowBits` bytes.
    ///
    /// - Parameter deflate: The compressed form of one frame.
    mutating func deflatedBytes(_ cursor: Cursor, windowBits: Int, _ deflate: (OutboundFrame) -> ByteBuffer) -> ByteBuffer {
        if let deflated = nodes[Int(cursor.index)].deflated, deflated.windowBits == windowBits { return deflated.bytes }
        let forms = frames(cursor).map(deflate)
        var bytes = forms[0]
        for form in forms.dropFirst() { bytes.writeImmutableBuffer(form) }
        nodes[Int(cursor.index)].deflated = (windowBits, bytes)
        return bytes
    }

    /// Forgets everything: the pass is over, no cursor may be used any more.
    mutating func removeAll() {
        nodes.removeAll(keepingCapacity: nodes.count <= 4096)
        latestFirst = -1
        lastStep = Step()
        lastBytes = (-1, ByteBuffer())
    }
}
