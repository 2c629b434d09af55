import SocketIOClient
import Testing

extension TestGateway {
    /// Breaks the client's connection off and waits until the gateway has saved the session; gives what asks for it.
    func lose(_ client: SocketIOClient) async throws -> SocketIORecovery {
        let saved = try #require(try await metric("moonx_recovery_sessions_saved_total"))
        let recovery = try #require(await client.recovery())
        await client.abort()
        while try await metric("moonx_recovery_sessions_saved_total") == saved { try await Task.sleep(for: .milliseconds(5)) }
        return recovery
    }

    /// A client that asks for a session; nothing that comes has been read yet.
    func comeBack(_ recovery: SocketIORecovery, user: String = alice, groups: [String] = []) async throws -> SocketIOClient {
        let auth = "{\"token\":\"\(try await token(user, groups: groups))\"}"
        return try await SocketIOClient.connect(url: url, auth: auth, recovery: recovery, options: Self.patience)
    }
}
