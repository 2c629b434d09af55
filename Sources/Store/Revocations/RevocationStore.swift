import GatewayDomain

/// Keeps revocations over restarts.
public protocol RevocationStore: Sendable {
    /// Adds a revocation. Of two for one subject, the later moments count.
    ///
    /// - Throws: ``StoreError``.
    func add(_ revocation: Revocation) async throws

    /// The revocations still in force; those past their expiry are forgotten.
    ///
    /// - Throws: ``StoreError``.
    func revocations() async throws -> [Revocation]
}
