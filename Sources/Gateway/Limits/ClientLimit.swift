/// The limits that a client's events can meet; the raw value is the label of the metric.
enum ClientLimit: String, Sendable, CaseIterable {
    /// Events of one connection.
    case connectionEvents = "connection_events"
    /// Rooms of one connection.
    case rooms
}
