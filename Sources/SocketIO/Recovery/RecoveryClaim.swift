import EngineIOCore
import JSONScan
import NIOCore
import SocketIOCore

/// A client that comes again shows its `pid`, and the offset of the last event it saw, in the `auth` of its CONNECT packet.
struct RecoveryClaim: Sendable {
    let pid: String
    /// `nil` where the client sent none: it has seen no event with an offset yet.
    let offset: String?

    /// `nil` where the client asks for no session.
    init?(_ auth: JSONObject?) {
        guard let auth, let pid = auth.string("pid") else { return nil }
        self.pid = pid
        self.offset = auth.string("offset")
    }
}

/// A session that the application lets the client have, taken out of the store.
struct RestoredSession: Sendable {
    let session: SavedSession
    /// The ids of the session, which the socket has again.
    let socketID: SessionID
    let privateID: PrivateID
    /// The session's place in the log, less the rooms that the application did not give back.
    let reader: RecoveryReader
    let data: (any Sendable)?
    /// Up to where the client has seen everything.
    let position: UInt64
    /// What had been published when the session was taken out of the store. A loop that is to go on with the session delivers that first,
    /// and no more: what a publisher sends to the loop in other ways keeps its place.
    let ticket: UInt64
}

extension NamespaceRecovery {
    /// Gives a client its session back, after the connect middleware has let it in; `nil` where it is to get a new one, which is counted.
    ///
    /// The session stays where it is until the application has said yes: who shows another's `pid` does not end the other's session.
    func restore(_ claim: RecoveryClaim, _ request: ConnectRequest, on loops: [NamespaceLoop]) async -> RestoredSession? {
        do {
            return try await redeem(claim, request, on: loops)
        } catch {
            let reason = (error as? RecoveryRefusal)?.reason ?? .storeFailed
            count { $0.refusals[reason, default: 0] += 1 }
            return nil
        }
    }

    private func redeem(_ claim: RecoveryClaim, _ request: ConnectRequest, on loops: [NamespaceLoop]) async throws -> RestoredSession {
        guard let definition = loops.first?.definition, let id = PrivateID(claim.pid) else { throw RecoveryRefusal(.unknownSession) }
        // What a shared store has of a client that is connected here may be a moment old.
        var (found, holder) = store.isShared ? try await live(id, on: loops) : (nil, nil)
        if found == nil { found = try await store.find(claim.pid) }
        // The client has come again before the server noticed that it was gone, as after a change of network.
        if found == nil, !store.isShared { (found, holder) = try await live(id, on: loops) }
        // It may have gone while the loops were asked.
        if found == nil { found = try await store.find(claim.pid) }
        guard let session = found, session.namespace == request.namespace else { throw RecoveryRefusal(.unknownSession) }
        let place = try await self.place(claim, session)
        let state: RestoredState?
        do { state = try await definition.restoreHandler(session, request) } catch { throw RecoveryRefusal(.refused) }
        guard let state else { throw RecoveryRefusal(.refused) }
        if let holder {
            try await holder.eventLoop.submit { holder.live(id)?.closeTransport() }.get()
        }
        guard let taken = try await store.take(claim.pid), taken.epoch == session.epoch, taken.socketID == session.socketID,
            let socketID = SessionID(taken.socketID)
        else { throw RecoveryRefusal(.unknownSession) }
        if holder != nil { count { $0.superseded += 1 } }
        var reader = self.reader(taken, place)
        reader.rooms = reader.rooms.filter { state.rooms.contains($0.key) }
        if taken.epoch != epoch { count { $0.adopted += 1 } }
        return RestoredSession(
            session: taken,
            socketID: socketID,
            privateID: id,
            reader: reader,
            data: state.data,
            position: place.position,
            ticket: lastTicket
        )
    }

    private func live(_ id: PrivateID, on loops: [NamespaceLoop]) async throws -> (SavedSession?, holder: NamespaceLoop?) {
        for loop in loops {
            if let session = try await loop.eventLoop.submit({ loop.live(id)?.session }).get() { return (session, loop) }
        }
        return (nil, nil)
    }

    /// Up to where the client has seen everything.
    private struct Place {
        /// In this server's log; before what is new to it, where it is known by the sources alone.
        let position: UInt64
        /// Of the sources; `nil` where the position says it all.
        var seen: SourcePositions?
    }

    private func place(_ claim: RecoveryClaim, _ session: SavedSession) async throws(RecoveryRefusal) -> Place {
        var shown: RecoveryOffset?
        if let text = claim.offset {
            guard let offset = RecoveryOffset(text) else { throw RecoveryRefusal(.foreignOffset) }
            shown = offset
        }
        if session.epoch == epoch, shown.map({ $0.epoch == epoch }) ?? !session.isFromElsewhere {
            let position = shown?.position ?? session.reader.connectedAt
            guard position <= self.position else { throw RecoveryRefusal(.foreignOffset) }
            return Place(position: position)
        }
        guard sources != nil else { throw RecoveryRefusal(session.epoch == epoch ? .foreignOffset : .unknownSession) }
        // Known by the sources alone: another server had the client, now or before.
        guard let shared = session.shared else { throw RecoveryRefusal(.elsewhere) }
        if let shown, shown.sources == nil { throw RecoveryRefusal(.foreignOffset) }
        let seen = shared.connectedAt.merged(with: shown?.sources ?? shared.connectedAt)
        guard await hasRead(shared.rooms.values.reduce(seen) { $0.merged(with: $1) }) else { throw RecoveryRefusal(.behind) }
        guard let position = start(after: seen) else { throw RecoveryRefusal(.eventsGone) }
        return Place(position: position, seen: seen)
    }

    /// Waits until the sources have been read as far: what comes of them afterwards is new to the client.
    private func hasRead(_ positions: SourcePositions) async -> Bool {
        let deadline = now() + configuration.sourcePatience
        while let read = sources, !read.hasReached(positions) {
            guard now() < deadline else { return false }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return true
    }

    /// The session as a reader of this server's log.
    private func reader(_ session: SavedSession, _ place: Place) -> RecoveryReader {
        guard let seen = place.seen else { return session.reader }
        return RecoveryReader(
            socketID: session.socketID,
            connectedAt: place.position,
            rooms: session.reader.rooms.mapValues { _ in place.position },
            shared: SharedPlaces(connectedAt: seen, rooms: session.shared?.rooms ?? [:])
        )
    }
}
