import NIOCore
import SocketIOCore
import Synchronization

/// One namespace of a server: a part on each event loop, and the way to all of them.
struct Namespace: Sendable {
    let loops: [NamespaceLoop]
    let adapter: any Adapter
}

/// The namespaces of a server: those that were named at the start, and those that come and go with their clients.
///
/// The lock is taken only where a client enters or leaves a dynamic namespace, never for a message.
final class NamespaceTable: Sendable {
    private struct Entry {
        let namespace: Namespace
        /// Sockets in it, and clients whose middleware is at work.
        var visitors: Int
    }

    private let fixed: [String: Namespace]
    private let families: [DynamicNamespace]
    private let maximumDynamic: Int
    private let make: @Sendable (_ name: String, NamespaceDefinition) -> Namespace
    private let dynamic = Mutex<[String: Entry]>([:])

    init(
        fixed: [String: NamespaceDefinition],
        families: [DynamicNamespace],
        eventLoops: [any EventLoop],
        maximumDynamic: Int,
        parser: SocketIOParser,
        random: RandomSource = .system,
        makeRecovery: @escaping @Sendable () -> NamespaceRecovery? = { nil },
        makeAdapter: @escaping @Sendable (LocalAdapter) -> any Adapter = { $0 }
    ) {
        let make: @Sendable (String, NamespaceDefinition) -> Namespace = { name, definition in
            let recovery = makeRecovery()
            let loops = eventLoops.enumerated().map { index, eventLoop in
                NamespaceLoop(
                    eventLoop: eventLoop,
                    index: index,
                    name: name,
                    definition: definition,
                    recovery: recovery,
                    parser: parser,
                    random: random
                )
            }
            return Namespace(loops: loops, adapter: makeAdapter(LocalAdapter(loops: loops)))
        }
        self.make = make
        self.fixed = fixed.reduce(into: [:]) { $0[$1.key] = make($1.key, $1.value) }
        self.families = families
        self.maximumDynamic = maximumDynamic
    }

    /// How many dynamic namespaces there are.
    var dynamicCount: Int { dynamic.withLock { $0.count } }

    /// The parts of a namespace; empty where there is none of that name now.
    func loops(_ name: String) -> [NamespaceLoop] { namespace(name)?.loops ?? [] }

    /// A broadcast to a namespace; to nobody where there is none of that name now.
    func broadcast(_ name: String) -> BroadcastOperator {
        BroadcastOperator(namespace(name)?.adapter ?? LocalAdapter(loops: []), namespace: name)
    }

    private func namespace(_ name: String) -> Namespace? {
        fixed[name] ?? dynamic.withLock { $0[name]?.namespace }
    }

    /// A client asks for a namespace. What this returns is there until as many calls of ``leave(_:)``.
    ///
    /// - Throws: ``NamespaceRefusal``, where there is no such namespace, or no room for another dynamic one.
    func enter(_ name: String) throws(NamespaceRefusal) -> [NamespaceLoop] {
        if let namespace = fixed[name] { return namespace.loops }
        return try dynamic.withLock { table throws(NamespaceRefusal) in
            var entry: Entry
            if let known = table[name] {
                entry = known
            } else {
                guard let family = families.first(where: { $0.takes(name) }) else { throw .unknown }
                guard table.count < maximumDynamic else { throw .tooManyDynamicNamespaces }
                entry = Entry(namespace: make(name, family.definition), visitors: 0)
            }
            entry.visitors += 1
            table[name] = entry
            return entry.namespace.loops
        }
    }

    /// A client has left, or was not let in.
    func leave(_ name: String) {
        guard fixed[name] == nil else { return }
        let ended = dynamic.withLock { table in
            table[name]?.visitors -= 1
            return table[name]?.visitors == 0 ? table.removeValue(forKey: name)?.namespace : nil
        }
        ended?.adapter.close()
    }

    /// The server ends.
    func closeAdapters() {
        for namespace in fixed.values { namespace.adapter.close() }
        for entry in dynamic.withLock({ Array($0.values) }) { entry.namespace.adapter.close() }
    }
}
