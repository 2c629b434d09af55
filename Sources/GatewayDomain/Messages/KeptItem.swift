/// An item as a store holds it: its place in the order of all that was kept for its user.
///
/// Where several nodes share a store, an item may reach a device by two ways: because it was kept, and because a node was told of it. Places
/// rise, so a device that remembers the last it was given takes each item once.
public struct KeptItem: Hashable, Sendable {
    /// What is kept.
    public let item: MailboxItem
    /// Its place; `nil` where the store gives none, because there is one way only.
    public let place: Int64?

    /// An item at a place.
    public init(_ item: MailboxItem, place: Int64? = nil) {
        self.item = item
        self.place = place
    }
}
