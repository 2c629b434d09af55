/// Which transport a session uses, what polls are pending, and how it moves from polling to WebSocket.
///
/// Inputs are past events, outputs are what is to be done; there is no clock and no I/O. The upgrade follows
/// <https://socket.io/docs/v4/engine-io-protocol>, "Upgrade": `2probe` → `3probe`, the pending poll is released, `5` completes it.
public struct TransportStateMachine: Sendable {
    private struct Polling {
        var isPollPending = false
        var isPostPending = false
    }

    private enum State {
        case polling(Polling)
        /// A WebSocket for this session is connected; `confirmed` once it has been probed.
        case probing(Polling, confirmed: Bool)
        case webSocket
        /// Ended, but for the GETs that take what is queued and then the end, or the end of an upgrade: a client that was told `3probe` asks
        /// for nothing more before it has sent `5`.
        case closing(isProbed: Bool)
        case closed
    }

    private var state: State

    /// A session that begins over `transport`.
    public init(transport: TransportKind) {
        state = transport == .polling ? .polling(Polling()) : .webSocket
    }

    /// The transport that carries messages now.
    public var transport: TransportKind {
        if case .webSocket = state { .websocket } else { .polling }
    }

    /// Whether the session has ended.
    public var isClosed: Bool {
        switch state {
        case .closing, .closed: true
        case .polling, .probing, .webSocket: false
        }
    }

    // MARK: Polling

    /// What to do with a GET.
    public enum PollAction: Hashable, Sendable {
        /// Keep it until there is something to send.
        case hold
        /// Answer it with what is queued.
        case answerQueued
        /// Answer it with a `noop`: the client waits for it to go on with its upgrade.
        case answerNoop
        /// A second GET while one is pending: answer 400, close the session with ``CloseReason/transportError``.
        case refuseOverlap
        /// The session uses WebSocket by now: answer ``EngineRequestError/badRequest``.
        case refuseTransport
        /// The session has ended, and what was sent before has been taken: answer it with the packet that says so, and forget the session.
        case answerLast
        /// The session has ended: answer ``EngineRequestError/unknownSession``.
        case refuseClosed
    }

    /// A GET came; `hasQueued` tells whether packets wait for it.
    public mutating func pollReceived(hasQueued: Bool) -> PollAction {
        switch state {
        case .polling(var polling):
            if polling.isPollPending { return .refuseOverlap }
            if hasQueued { return .answerQueued }
            polling.isPollPending = true
            state = .polling(polling)
            return .hold
        case .probing(var polling, let confirmed):
            if polling.isPollPending { return .refuseOverlap }
            if hasQueued { return .answerQueued }
            if confirmed { return .answerNoop }
            polling.isPollPending = true
            state = .probing(polling, confirmed: confirmed)
            return .hold
        case .webSocket: return .refuseTransport
        case .closing:
            if hasQueued { return .answerQueued }
            state = .closed
            return .answerLast
        case .closed: return .refuseClosed
        }
    }

    /// The pending GET has been answered, or its connection is gone.
    public mutating func pollEnded() {
        updatePolling { $0.isPollPending = false }
    }

    /// What to do with a POST.
    public enum PostAction: Hashable, Sendable {
        /// Handle its packets, answer `ok`, then call ``TransportStateMachine/postEnded()``.
        case accept
        /// A second POST at once: answer 400, close the session with ``CloseReason/transportError``.
        case refuseOverlap
        /// The session uses WebSocket by now: answer ``EngineRequestError/badRequest``.
        case refuseTransport
        /// The session has ended, though its last packets still wait for a GET: answer `ok` and throw the packets away.
        case ignore
        /// The session has ended: answer ``EngineRequestError/unknownSession``.
        case refuseClosed
    }

    /// The head of a POST came.
    public mutating func postReceived() -> PostAction {
        switch state {
        case .polling(let polling), .probing(let polling, _):
            if polling.isPostPending { return .refuseOverlap }
            updatePolling { $0.isPostPending = true }
            return .accept
        case .webSocket: return .refuseTransport
        case .closing: return .ignore
        case .closed: return .refuseClosed
        }
    }

    /// The POST has been answered.
    public mutating func postEnded() {
        updatePolling { $0.isPostPending = false }
    }

    // MARK: Upgrade

    /// What to do with a WebSocket that names this session.
    public enum AttachAction: Hashable, Sendable {
        /// Wait for its probe.
        case awaitProbe
        /// Close it: the session has one already, or has ended.
        case refuse
    }

    /// A WebSocket for this session was opened.
    public mutating func webSocketAttached() -> AttachAction {
        guard case .polling(let polling) = state else { return .refuse }
        state = .probing(polling, confirmed: false)
        return .awaitProbe
    }

    /// What to do with a packet on the WebSocket that is being probed.
    public enum ProbeAction: Hashable, Sendable {
        /// Answer `3probe`; if `releasesPoll`, answer the pending GET with a `noop`.
        case confirm(releasesPoll: Bool)
        /// The WebSocket is the session's transport from now on; if `releasesPoll`, answer the pending GET with a `noop`.
        case switchOver(releasesPoll: Bool)
        /// The session has ended since the probe: write what is queued to the WebSocket, close it, and forget the session.
        case finish
        /// Not the packet that is due: close the WebSocket; the session goes on polling.
        case refuse
    }

    /// `2probe` came over the WebSocket that is being probed.
    public mutating func probeReceived() -> ProbeAction {
        guard case .probing(var polling, _) = state else { return .refuse }
        let releases = polling.isPollPending
        polling.isPollPending = false
        state = .probing(polling, confirmed: true)
        return .confirm(releasesPoll: releases)
    }

    /// `5` came over the WebSocket that is being probed.
    public mutating func upgradeReceived() -> ProbeAction {
        switch state {
        case .probing(let polling, confirmed: true):
            state = .webSocket
            return .switchOver(releasesPoll: polling.isPollPending)
        case .closing(isProbed: true):
            state = .closed
            return .finish
        case .polling, .probing, .webSocket, .closing, .closed: return .refuse
        }
    }

    /// The WebSocket went away before it became the transport: the session goes on polling.
    public mutating func probeEnded() {
        switch state {
        case .probing(let polling, _): state = .polling(polling)
        case .closing: state = .closing(isProbed: false)
        case .polling, .webSocket, .closed: break
        }
    }

    // MARK: Messages and the end

    /// Where queued messages go.
    public enum DeliveryAction: Hashable, Sendable {
        /// Answer the pending GET with them.
        case answerPoll
        /// Keep them for the next GET.
        case keep
        /// Write them to the WebSocket.
        case writeWebSocket
        /// Nobody is there.
        case discard
    }

    /// Messages are to be sent.
    public func delivery() -> DeliveryAction {
        switch state {
        case .polling(let polling), .probing(let polling, _): polling.isPollPending ? .answerPoll : .keep
        case .webSocket: .writeWebSocket
        case .closing, .closed: .discard
        }
    }

    /// Whether the session has ended, and a probed WebSocket is to stay open: the client hears the end there, once it has upgraded.
    public var awaitsUpgrade: Bool {
        if case .closing(isProbed: true) = state { true } else { false }
    }

    /// The session ends, and its last packets are to wait for the client's next GET, or the end of its upgrade. `false` where there is nothing
    /// to wait for, because a GET is pending or the transport is WebSocket: then ``closed()`` is what happens.
    public mutating func closing() -> Bool {
        switch state {
        case .polling(let polling) where !polling.isPollPending:
            state = .closing(isProbed: false)
            return true
        case .probing(let polling, let confirmed) where !polling.isPollPending:
            state = .closing(isProbed: confirmed)
            return true
        case .polling, .probing, .webSocket, .closing, .closed: return false
        }
    }

    /// The session ends. Returns whether a pending GET is to be answered, with a `noop` where the client asked for the end, else with
    /// a `close` packet; `nil` where it had ended before.
    public mutating func closed() -> (answersPoll: Bool, closesWebSocket: Bool)? {
        defer { state = .closed }
        switch state {
        case .polling(let polling): return (polling.isPollPending, false)
        case .probing(let polling, _): return (polling.isPollPending, true)
        case .webSocket: return (false, true)
        case .closing, .closed: return nil
        }
    }

    private mutating func updatePolling(_ change: (inout Polling) -> Void) {
        switch state {
        case .polling(var polling):
            change(&polling)
            state = .polling(polling)
        case .probing(var polling, let confirmed):
            change(&polling)
            state = .probing(polling, confirmed: confirmed)
        case .webSocket, .closing, .closed: break
        }
    }
}
