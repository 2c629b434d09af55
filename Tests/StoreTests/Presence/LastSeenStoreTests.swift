import GatewayDomain
import Testing

@testable import Store

@Suite("LastSeenStore")
struct LastSeenStoreTests {
    enum Form: CaseIterable { case memory, sqlite }

    private func store(_ form: Form, capacity: Int) throws -> any LastSeenStore {
        switch form {
        case .memory: InMemoryLastSeenStore(capacity: capacity)
        case .sqlite: try SQLiteMailbox(.memory, maximumAbsences: capacity, now: { 0 })
        }
    }

    private func user(_ number: Int) throws -> UserID { try #require(UserID("user-000\(number)")) }

    @Test(arguments: Form.allCases)
    func theLastAbsenceIsRemembered(_ form: Form) async throws {
        let store = try store(form, capacity: 10)
        let (first, second, third) = (try user(1), try user(2), try user(3))
        try await store.record(.init(user: first, lastSeen: 5, isInvisible: false))
        try await store.record(.init(user: second, lastSeen: nil, isInvisible: true))
        try await store.record(.init(user: first, lastSeen: 7, isInvisible: false))
        let known = try await store.absences(of: [first, second, third])
        #expect(
            known == [
                first: .init(user: first, lastSeen: 7, isInvisible: false), second: .init(user: second, lastSeen: nil, isInvisible: true),
            ]
        )
    }

    @Test(arguments: Form.allCases)
    func whoWentFirstIsForgottenFirst(_ form: Form) async throws {
        let store = try store(form, capacity: 3)
        for number in [1, 2, 3, 1, 4] { try await store.record(.init(user: try user(number), lastSeen: Int64(number), isInvisible: false)) }
        let users = try (1...4).map { try user($0) }
        let known = try await store.absences(of: users)
        #expect(Set(known.keys) == [users[0], users[2], users[3]])
    }
}
