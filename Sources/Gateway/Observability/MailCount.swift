/// What is counted of messages and notifications; the raw value is the label of the metric.
enum MailCount: String, Sendable, CaseIterable {
    /// Pushed out by newer ones before their user had them.
    case dropped
    /// Shown to have arrived, by the client itself or by its answer to a ping.
    case received
    /// Sent at a connection because nobody had shown to have them.
    case redelivered
    /// Refused because too much was waiting for the store.
    case overflow
    /// Calls of the store that failed.
    case failure
}
