import AccessToken
import EngineIO
import EngineIOCore
import GatewayDomain
import SocketIO
import SocketIOCore
import Store

/// `GET /metrics`: everything that is counted, in the Prometheus text format
/// (<https://prometheus.io/docs/instrumenting/exposition_formats/>, version 0.0.4).
struct MetricsPage: Sendable {
    let server: SocketIOServer
    let router: EventRouter
    let counters: GatewayCounters
    let connections: ConnectionLimiter
    let messaging: MessagingParts
    let verifier: AccessTokenVerifier
    let limits: GatewayLimits
    /// Metrics of other services of the process, in the same format.
    let others: @Sendable () -> String

    func render() async -> String {
        var text = PrometheusText()
        transport(await server.statistics(), &text)
        packets(server.socketStatistics, &text)
        RecoveryMetrics.write(server.recoveryStatistics("/") ?? RecoveryStatistics(), &text)
        let routed = await router.currentStatistics()
        routing(routed, &text)
        if let statistics = routed.bus { bus(statistics, &text) }
        gateway(counters.current, &text)
        await mail(counters.current, &text)
        tokens(verifier.cacheStatistics, &text)
        return text.text + others()
    }

    private func transport(_ engine: EngineStatistics, _ text: inout PrometheusText) {
        text.gauge(
            "moonx_sessions",
            "Open Engine.IO sessions by transport.",
            [("transport=\"polling\"", engine.openPolling), ("transport=\"websocket\"", engine.openWebSocket)]
        )
        text.counter("moonx_sessions_opened_total", "Engine.IO sessions opened.", engine.opened)
        text.counter("moonx_sessions_opened_protocol3_total", "Those of them that speak protocol 3.", engine.openedProtocol3)
        text.counter(
            "moonx_sessions_closed_total",
            "Engine.IO sessions closed, by reason.",
            CloseReason.allCases.map { ("reason=\"\($0.rawValue)\"", engine.closed[$0] ?? 0) }
        )
        text.counter("moonx_upgrades_total", "Sessions moved from polling to WebSocket.", engine.upgrades)
        text.counter(
            "moonx_requests_refused_total",
            "Engine.IO requests refused, by error.",
            EngineRequestError.allCases.map { ("error=\"\($0.message)\"", engine.refused[$0] ?? 0) }
        )
        text.counter("moonx_sessions_refused_draining_total", "New sessions refused because the node was draining.", engine.refusedDraining)
        text.counter("moonx_messages_received_total", "Packets received from clients.", engine.messagesReceived)
        text.counter("moonx_received_bytes_total", "Payload bytes received from clients.", engine.bytesReceived)
        text.counter("moonx_frames_sent_total", "Messages handed to connections.", engine.framesSent)
        text.counter("moonx_sent_bytes_total", "Bytes written to clients.", engine.bytesSent)
        text.counter("moonx_writes_total", "Writes to WebSockets.", engine.writes)
        text.counter("moonx_short_writes_total", "Writes that the kernel did not take whole.", engine.shortWrites)
        text.counter("moonx_busy_polls_total", "Times that an event loop looked for work in place of sleeping.", engine.busyPolls)
        text.counter(
            "moonx_compressions_total",
            "Messages compressed for WebSockets, whatever the number of receivers.",
            engine.compressions
        )
        text.gauge("moonx_queued_bytes", "Bytes waiting in outbound queues.", engine.queuedBytes)
        text.counter(
            "moonx_conflated_total",
            "Latest values replaced by newer ones before a slow client could take them.",
            engine.conflated
        )
        text.counter(
            "moonx_proxy_headers_refused_total",
            "Connections of trusted proxies without a sound header of the PROXY protocol.",
            engine.refusedProxyHeaders
        )
        text.gauge("moonx_http_connections", "Open HTTP connections.", engine.openHTTP)
        text.counter(
            "moonx_http_timeouts_total",
            "HTTP connections whose request did not come whole, or whose answers were not read, in time.",
            engine.httpTimeouts
        )
        text.counter("moonx_http_oversized_total", "HTTP requests refused because their body was too long.", engine.oversizedRequests)
        text.counter(
            "moonx_websocket_failures_total",
            "WebSockets closed because of what came over them, by close code: 1002 protocol, 1007 UTF-8, 1009 too long.",
            [UInt16(1002), 1007, 1009].map { ("code=\"\($0)\"", engine.webSocketFailures[$0] ?? 0) }
        )
    }

    private func packets(_ socketIO: SocketIOStatistics, _ text: inout PrometheusText) {
        text.counter(
            "moonx_namespaces_refused_total",
            "Connects to a namespace refused before a middleware was asked, by reason.",
            NamespaceRefusal.allCases.map { ("reason=\"\($0.rawValue)\"", socketIO.refusedNamespaces[$0] ?? 0) }
        )
        text.counter(
            "moonx_bad_packets_total",
            "Socket.IO packets that ended their connection, by error.",
            SocketPacketError.allCases.map { ("error=\"\($0.rawValue)\"", socketIO.badPackets[$0] ?? 0) }
        )
    }

    private func routing(_ router: RouterStatistics, _ text: inout PrometheusText) {
        text.counter(
            "moonx_events_published_total",
            "Events that reached the router, by type.",
            EventType.allCases.map { ("type=\"\($0.rawValue)\"", router.published[$0]) }
        )
        text.counter("moonx_events_duplicate_total", "Events dropped because their id had been seen.", router.duplicates)
        text.counter("moonx_event_members_dropped_total", "Reserved members dropped from event payloads.", router.droppedMembers)
        text.counter(
            "moonx_book_deltas_dropped_total",
            "Changes of order books without a book to change, or malformed.",
            router.droppedDeltas
        )
        text.counter("moonx_books_malformed_total", "Whole order books that views could not be made of.", router.malformedBooks)
        text.counter("moonx_books_oversized_total", "Order books and changes over the bound on levels.", router.oversizedBooks)
        text.counter(
            "moonx_last_values_forgotten_total",
            "Values not kept for new members, because their room has as many as it may.",
            router.forgottenValues
        )
        text.counter("moonx_events_routed_total", "Events handed to an event loop.", router.routed)
        text.gauge("moonx_rooms", "Rooms tracked.", router.rooms)
        text.gauge("moonx_rooms_with_members", "Rooms with members on this node.", router.roomsWithMembers)
        text.counter("moonx_rooms_evicted_total", "Rooms whose last value was forgotten to stay within the bound.", router.evictedRooms)
        text.counter(
            "moonx_room_resumes_total",
            "Joins that asked for what they had missed, by whether they got all of it.",
            [("resumed=\"true\"", router.resumed), ("resumed=\"false\"", router.notResumed)]
        )
        text.gauge("moonx_room_log_bytes", "Bytes of events kept for members who come back.", router.loggedBytes)
        text.counter(
            "moonx_room_logs_cleared_total",
            "Logs begun anew because all logs together had reached their bound.",
            router.clearedLogs
        )
        text.counter("moonx_feeds_stale_total", "Feeds that fell silent while their room had members.", router.staleFeeds)
        text.gauge("moonx_remembered_event_ids", "Event ids remembered to recognise repeats.", router.rememberedIDs)
    }

    private func mail(_ values: GatewayCounters.Values, _ text: inout PrometheusText) async {
        text.counter(
            "moonx_mail_total",
            "What became of direct messages and notifications.",
            MailCount.allCases.map { ("what=\"\($0.rawValue)\"", values.mail[$0] ?? 0) }
        )
        if let usage = try? await messaging.store.usage() {
            text.gauge("moonx_mail_kept", "Messages and notifications that wait for their users.", usage.items)
            text.gauge("moonx_mail_kept_bytes", "Bytes of messages and notifications that wait for their users.", usage.bytes)
        }
        text.counter(
            "moonx_cluster_total",
            "What went wrong between nodes, or was made good.",
            ClusterCount.allCases.map { ("what=\"\($0.rawValue)\"", values.cluster[$0] ?? 0) }
        )
        if let cluster = messaging.cluster {
            text.gauge("moonx_cluster_nodes", "Nodes that live, this one included.", cluster.node.live.count)
            text.gauge("moonx_cluster_user_channels", "Users' channels that this node listens to.", cluster.exchange.channelCount)
        }
        text.gauge("moonx_users_present", "Users who are there, or have just gone.", await messaging.presence.count())
    }

    private func tokens(_ cache: VerifiedTokenCache.Statistics, _ text: inout PrometheusText) {
        text.counter("moonx_token_cache_hits_total", "Tokens that had been verified before.", cache.hits)
        text.counter("moonx_token_cache_misses_total", "Tokens whose signature was verified.", cache.misses)
        text.gauge("moonx_token_cache_entries", "Verified tokens remembered.", cache.count)
        let keys = verifier.keySetStatistics ?? RemoteKeySetStatistics()
        text.counter("moonx_key_set_fetches_total", "Fetches of the key set that access tokens are verified with.", keys.fetches)
        text.counter("moonx_key_set_fetch_failures_total", "Those that failed; the keys known stay in force.", keys.failures)
        text.counter(
            "moonx_key_set_lookups_refused_total",
            "Tokens with an unknown key for which nothing was fetched, because the last fetch was too recent.",
            keys.refusedLookups
        )
    }

    private func gateway(_ values: GatewayCounters.Values, _ text: inout PrometheusText) {
        text.gauge("moonx_connections", "Connected clients that count towards the limits.", connections.total)
        text.gauge("moonx_connections_limit", "Connections that this node takes.", limits.connectionsPerNode)
        text.counter("moonx_clients_connected_total", "Clients let in.", values.connected)
        text.counter(
            "moonx_errors_total",
            "Errors answered to clients, by code.",
            ErrorCode.allCases.map { ("code=\"\($0.rawValue)\"", values.errors[$0] ?? 0) }
        )
        text.counter(
            "moonx_client_limits_total",
            "What was refused because a limit of clients was reached, by limit.",
            ClientLimit.allCases.map { ("limit=\"\($0.rawValue)\"", values.limits[$0] ?? 0) }
        )
        text.counter("moonx_abuse_disconnects_total", "Clients disconnected for sending too much too long.", values.abuseDisconnects)
        text.counter("moonx_publish_accepted_total", "Envelopes accepted over HTTP.", values.published)
        text.counter("moonx_publish_malformed_total", "Envelopes refused over HTTP.", values.malformedEnvelopes)
    }
}
