import NIOCore
import Synchronization

/// The namespaces of a server: those that were named at the start, and those that come and go with their clients.
///
/// The lock is taken only where a client enters or leaves a dynamic namespace, never for a message.
final class NamespaceTable: Sendable {
    private struct Entry {
        let loops: [NamespaceLoop]
        /// Sockets in it, and clients whose middleware is at work.
        var visitors: Int
    }

    private let fixed: [String: [NamespaceLoop]]
    private let families: [DynamicNamespace]
    private let eventLoops: [any EventLoop]
    private let maximumDynamic: Int
    private let makeRecovery: @Sendable () -> NamespaceRecovery?
    private let dynamic = Mutex<[String: Entry]>([:])

    init(
        fixed: [String: NamespaceDefinition],
        families: [DynamicNamespace],
        eventLoops: [any EventLoop],
        maximumDynamic: Int,
        makeRecovery: @escaping @Sendable () -> NamespaceRecovery? = { nil }
    ) {
        self.fixed = fixed.reduce(into: [:]) { $0[$1.key] = Self.loops($1.key, $1.value, eventLoops, makeRecovery()) }
        self.families = families
        self.eventLoops = eventLoops
        self.maximumDynamic = maximumDynamic
        self.makeRecovery = makeRecovery
    }

    /// How many dynamic namespaces there are.
    var dynamicCount: Int { dynamic.withLock { $0.count } }

    /// The parts of a namespace; empty where there is none of that name now.
    func loops(_ name: String) -> [NamespaceLoop] {
        fixed[name] ?? dynamic.withLock { $0[name]?.loops } ?? []
    }

    /// A client asks for a namespace. What this returns is there until as many calls of ``leave(_:)``; `nil` where there is no such
    /// namespace, or no room for another dynamic one.
    func enter(_ name: String) -> [NamespaceLoop]? {
        if let loops = fixed[name] { return loops }
        return dynamic.withLock { table in
            if table[name] == nil {
                guard table.count < maximumDynamic, let family = families.first(where: { $0.takes(name) }) else { return nil }
                table[name] = Entry(loops: Self.loops(name, family.definition, eventLoops, makeRecovery()), visitors: 0)
            }
            table[name]?.visitors += 1
            return table[name]?.loops
        }
    }

    /// A client has left, or was not let in.
    func leave(_ name: String) {
        guard fixed[name] == nil else { return }
        dynamic.withLock { table in
            table[name]?.visitors -= 1
            if table[name]?.visitors == 0 { table[name] = nil }
        }
    }

    private static func loops(
        _ name: String,
        _ definition: NamespaceDefinition,
        _ eventLoops: [any EventLoop],
        _ recovery: NamespaceRecovery?
    ) -> [NamespaceLoop] {
        eventLoops.enumerated().map { index, eventLoop in
            NamespaceLoop(eventLoop: eventLoop, index: index, name: name, definition: definition, recovery: recovery)
        }
    }
}
