import Testing

@testable import SocketIO

/// Which session is written when, and what waits for it. Sockets are letters here.
@Suite("SessionWriting")
struct SessionWritingTests {
    /// A loop that writes: what has gone on, in order.
    private final class Loop {
        var writing = SessionWriting<String>()
        var lines: [String] = []

        func wait(_ pid: String, _ line: String) {
            if !writing.wait(pid, { self.lines.append(line) }) { lines.append("\(line) at once") }
        }

        func begin() -> Bool { writing.begin() }

        func take() -> [String] { writing.take().map(\.pid).sorted() }

        func finish(_ pids: String..., failed: Bool = false) {
            for body in writing.finish(pids, failed: failed) { body() }
        }
    }

    @Test func nothingWaitsForASessionThatIsWritten() {
        let loop = Loop()
        loop.wait("a", "one")
        #expect(loop.lines == ["one at once"])
        #expect(!loop.begin())
    }

    @Test func whatHasChangedIsWrittenTogetherAndWhatWaitsGoesOnInOrder() {
        let loop = Loop()
        loop.writing.change("a", "A")
        loop.writing.change("b", "B")
        #expect(loop.begin())
        #expect(!loop.begin(), "one batch at a time")
        loop.wait("a", "one")
        loop.wait("c", "other")
        #expect(loop.lines == ["other at once"])
        #expect(loop.take() == ["a", "b"])
        // Nothing has changed since: the batch on its way says all.
        loop.wait("a", "two")
        loop.wait("b", "three")
        // What changes now goes with the next, and who waits for that waits for both.
        loop.writing.change("a", "A")
        loop.wait("a", "four")
        loop.finish("a", "b")
        #expect(loop.lines.dropFirst() == ["one", "two", "three"])
        loop.wait("a", "five")
        #expect(loop.begin())
        #expect(loop.take() == ["a"])
        loop.finish("a")
        #expect(loop.lines.suffix(2) == ["four", "five"])
        loop.wait("a", "six")
        #expect(loop.lines.last == "six at once")
    }

    @Test func anAnnouncedRoomStandsInTheSessionUntilItsLastJoinIsSettled() {
        let loop = Loop()
        loop.writing.announce(["r", "s"], of: "a", at: 5)
        loop.writing.announce(["r"], of: "a", at: 9)
        #expect(loop.writing.announced(of: "a") == ["r": 5, "s": 5])
        #expect(loop.writing.announced(of: "b") == [:])
        loop.writing.settle(["r", "s", "t"], of: "a")
        #expect(loop.writing.announced(of: "a") == ["r": 5])
        loop.writing.settle(["r"], of: "a")
        #expect(loop.writing.announced(of: "a") == [:])
        loop.writing.settle(["r"], of: "a")
        loop.writing.announce(["r"], of: "a", at: 11)
        loop.writing.forgetAnnounced(of: "a")
        #expect(loop.writing.announced(of: "a") == [:])
    }

    @Test func whatWaitsOutlivesTheAnnouncement() {
        let loop = Loop()
        loop.writing.change("a", "A")
        loop.writing.announce(["r"], of: "a", at: 5)
        loop.wait("a", "one")
        loop.writing.forgetAnnounced(of: "a")
        #expect(loop.take() == ["a"])
        loop.finish("a")
        #expect(loop.lines == ["one"])
    }

    @Test func nothingWaitsForAStoreThatHasFailed() {
        let loop = Loop()
        loop.writing.change("a", "A")
        loop.writing.change("b", "B")
        #expect(loop.begin())
        loop.wait("a", "one")
        #expect(loop.take() == ["a", "b"])
        loop.writing.change("c", "C")
        loop.wait("c", "two")
        loop.finish("a", "b", failed: true)
        // Neither who was in the batch nor who waited for the next.
        #expect(loop.lines.sorted() == ["one", "two"])
        #expect(loop.writing.isFailing)
        loop.writing.change("a", "A")
        loop.wait("a", "three")
        #expect(loop.lines.last == "three at once")
        // It is tried again, and nobody waits for that either.
        #expect(loop.begin())
        #expect(loop.take() == ["a", "c"])
        loop.wait("a", "four")
        #expect(loop.lines.last == "four at once")
        loop.finish("a", "c")
        #expect(!loop.writing.isFailing)
        loop.writing.change("a", "A")
        loop.wait("a", "five")
        #expect(loop.lines.last == "four at once")
    }

    @Test func aBatchHasItsBound() {
        let loop = Loop()
        for number in 0..<600 { loop.writing.change("\(number)", "") }
        var sizes: [Int] = []
        while loop.begin() {
            let pids = loop.writing.take().map(\.pid)
            sizes.append(pids.count)
            _ = loop.writing.finish(pids, failed: false)
        }
        #expect(sizes == [256, 256, 88])
    }
}
