extension MetricsPage {
    /// The bus between nodes.
    func bus(_ bus: BusStatistics, _ text: inout PrometheusText) {
        text.gauge("moonx_bus_up", "Whether this node hears the bus.", bus.isHeard ? 1 : 0)
        text.counter("moonx_bus_deaf_total", "How often this node did not hear the bus for so long that clients were told.", bus.deafTimes)
        text.counter("moonx_bus_deaf_milliseconds_total", "How long that was, all times together.", Int(bus.deafTime.inMilliseconds))
        text.gauge("moonx_bus_subscriptions", "Rooms and event types subscribed to for members of this node.", bus.topics)
        text.gauge("moonx_bus_waiting_joins", "Joins and leaves that wait for the bus.", bus.waiting)
        text.counter("moonx_bus_joins_refused_total", "Joins refused because the bus did not confirm in time.", bus.refusedJoins)
        text.counter(
            "moonx_bus_messages_received_total",
            "Messages received from the bus, by the way they came.",
            BusStatistics.Kind.allCases.map { ("way=\"\($0.rawValue)\"", bus.received[$0] ?? 0) }
        )
        text.counter("moonx_bus_received_bytes_total", "Bytes of envelopes received from the bus.", bus.receivedBytes)
        text.counter("moonx_bus_malformed_total", "Messages dropped as no envelope, or on a channel they do not belong on.", bus.malformed)
        text.counter("moonx_bus_merged_total", "Events that came by the channels of both room and type, and counted once.", bus.merged)
        text.counter("moonx_bus_publish_failures_total", "Calls to publish that the bus did not take, or not all of.", bus.publishFailures)
        text.counter(
            "moonx_bus_cuts_total",
            "How often events may have been missed: subscriptions were lost, or the bus was not heard.",
            bus.cuts
        )
        text.counter("moonx_bus_gaps_total", "Streams of which something was trimmed, or lost by Redis, before it was read.", bus.gaps)
        text.counter("moonx_bus_resynchronisations_total", "How often last values were fetched anew for all rooms.", bus.resynchronisations)
        text.counter("moonx_bus_ended_epochs_total", "Epochs ended because something may have been missed.", bus.endedEpochs)
        text.gauge("moonx_bus_held_events", "Events that wait for the last values of their rooms.", bus.held)
        text.counter("moonx_bus_overflows_total", "Events given up because too many waited for a last value.", bus.overflows)
    }
}
