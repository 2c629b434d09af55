import GatewayDomain
import Store

/// A store whose every call fails.
struct BrokenStore: MessageStore, LastSeenStore {
    private let error = StoreError(code: .failed, message: "the disk is full")

    func keep(_ item: MailboxItem, for user: UserID) async throws -> Int { throw error }
    func accept(_ item: MailboxItem, for user: UserID?, as key: ClientMessageKey) async throws -> MessageAcceptance { throw error }
    func setDelivered(_ key: ClientMessageKey) async throws { throw error }
    func items(for user: UserID) async throws -> [MailboxItem] { throw error }
    func remove(_ ids: Set<String>, of user: UserID) async throws -> Int { throw error }
    func usage() async throws -> MailboxUsage? { throw error }
    func record(_ absence: PresenceBook.Absence) async throws { throw error }
    func absences(of users: [UserID]) async throws -> [UserID: PresenceBook.Absence] { throw error }
}
