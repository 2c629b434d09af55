import NIOCore
import Testing

@testable import EngineIO

@Suite("ReceiveBuffers")
struct ReceiveBuffersTests {
    private func address(_ buffer: ByteBuffer) -> UnsafeRawPointer? { buffer.withVeryUnsafeBytes { $0.baseAddress } }

    @Test func whatNobodyNeedsIsUsedAgain() {
        var buffers = ReceiveBuffers()
        var first: UnsafeRawPointer?
        do {
            var buffer = buffers.take()
            #expect(buffer.storageCapacity == ReceiveBuffers.capacity)
            buffer.writeString("message")
            first = address(buffer)
            buffers.giveBack(buffer)
        }
        let again = buffers.take()
        #expect(again.readableBytes == 0)
        #expect(address(again) == first)
        // While it is used there is another.
        #expect(address(buffers.take()) != first)
    }

    @Test func whatSomebodyKeepsIsLeftToThem() {
        var buffers = ReceiveBuffers()
        var buffer = buffers.take()
        buffer.writeString("a message and more")
        let kept = buffer.readSlice(length: 9)
        buffers.giveBack(buffer)
        buffer = buffers.take()
        buffer.writeString("something else")
        #expect(kept == ByteBuffer(string: "a message"))
    }

    @Test func onlyItsOwnSizeIsTakenBack() {
        var buffers = ReceiveBuffers()
        buffers.giveBack(ByteBufferAllocator().buffer(capacity: 16))
        #expect(buffers.take().storageCapacity == ReceiveBuffers.capacity)
        buffers.giveBack(ByteBufferAllocator().buffer(capacity: 1 << 20))
        #expect(buffers.take().storageCapacity == ReceiveBuffers.capacity)
    }
}
