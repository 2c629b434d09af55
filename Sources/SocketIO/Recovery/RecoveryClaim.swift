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
        guard let definition = loops.first?.definition, PrivateID(claim.pid) != nil else { throw RecoveryRefusal(.unknownSession) }
        var found = try await store.find(claim.pid)
        var holder: NamespaceLoop?
        for loop in loops where found == nil {
            // The client has come again before the server noticed that it was gone, as after a change of network.
            found = try await loop.eventLoop.submit { loop.liveSession(claim.pid) }.get()
            holder = found == nil ? nil : loop
        }
        // It may have gone while the loops were asked.
        if found == nil { found = try await store.find(claim.pid) }
        guard let session = found, session.namespace == request.namespace, session.epoch == epoch else {
            throw RecoveryRefusal(.unknownSession)
        }
        let position = try self.position(claim, session)
        let state: RestoredState?
        do { state = try await definition.restoreHandler(session, request) } catch { throw RecoveryRefusal(.refused) }
        guard let state else { throw RecoveryRefusal(.refused) }
        if let holder {
            try await holder.eventLoop.submit { holder.closeLive(claim.pid) }.get()
        }
        guard let taken = try await store.take(claim.pid), taken.epoch == epoch, taken.socketID == session.socketID else {
            throw RecoveryRefusal(.unknownSession)
        }
        if holder != nil { count { $0.superseded += 1 } }
        var reader = taken.reader
        reader.rooms = reader.rooms.filter { state.rooms.contains($0.key) }
        return RestoredSession(session: taken, reader: reader, data: state.data, position: position, ticket: lastTicket)
    }

    private func position(_ claim: RecoveryClaim, _ session: SavedSession) throws(RecoveryRefusal) -> UInt64 {
        guard let text = claim.offset else { return session.reader.connectedAt }
        guard let offset = RecoveryOffset(text), offset.epoch == epoch, offset.position <= self.position else {
            throw RecoveryRefusal(.foreignOffset)
        }
        return offset.position
    }
}
