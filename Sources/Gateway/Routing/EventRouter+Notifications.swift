import GatewayDomain
import NIOCore

/// Notifications, on their way to the mailboxes of their users. On the router's loop.
extension EventRouter {
    /// Hands a notification on that came at this time, in milliseconds since 1970.
    func keep(notification: Envelope, at time: Int64) {
        guard let user = notification.userID, let id = notification.id else { return }
        let payload = ClientPayload(notification, timestamp: notification.timestamp ?? time)
        statistics.droppedMembers += payload.droppedMembers
        let item = MailboxItem(id: id, kind: .notification, members: payload.text, keptAt: time, sentAt: notification.timestamp)
        notify(user, item)
    }

    /// Takes in a notification that Redis had been given at this time, in milliseconds since 1970, before this node began to read. Whether it
    /// repeats one before it has been looked at; it may itself be repeated yet.
    func receive(missed notification: Envelope, takenAt time: Int64, bytes: Int) {
        eventLoop.assertInEventLoop()
        count(.stream(nil), bytes: bytes)
        statistics.published[notification.type] += 1
        let isRecent = WallClock.milliseconds() - time < configuration.duplicateWindow.inMilliseconds
        if isRecent, let key = notification.duplicateKey(for: notification.userID), !isNew(key) { return }
        keep(notification: notification, at: time)
    }
}
