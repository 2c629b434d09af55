import GatewayDomain
import JSONScan
import SocketIO
import SocketIOCore

/// A saved session as it lies in Redis: one JSON object. Neither the private id, which is in the key's name, nor any token is in it.
struct SessionText {
    /// The run of the gateway that writes or reads. What its own clock says means nothing to others.
    let node: NodeID

    /// Rooms that a session is not given back: of the user's devices, and of users that it watches. Others bring it into them.
    private static let skipped: Set<Character> = ["@", "%"]

    /// Writes a session; `nil` where it is none of the gateway's.
    func write(_ session: SavedSession) -> String? {
        guard let client = session.data as? SavedClient, let shared = session.shared else { return nil }
        var places: [String] = []
        var numbers: [SourcePositions: Int] = [:]
        func number(_ positions: SourcePositions) -> Int {
            if let known = numbers[positions] { return known }
            numbers[positions] = places.count
            places.append(positions.text)
            return places.count - 1
        }
        let connected = number(shared.connectedAt)
        let rooms = session.reader.rooms.filter { name, _ in name.first.map { !Self.skipped.contains($0) } ?? false }
            .sorted { $0.key < $1.key }
        let roomPlaces = rooms.map { number(shared.rooms[$0.key] ?? shared.connectedAt) }
        var members = [
            "\"node\":\"\(node)\"", "\"sid\":\(JSONString.literal(session.socketID))", "\"nsp\":\(JSONString.literal(session.namespace))",
            "\"epoch\":\(JSONString.literal(session.epoch))", "\"at\":\"\(session.reader.connectedAt)\"", "\"place\":\(connected)",
            "\"elsewhere\":\(session.isFromElsewhere)", "\"places\":\(Self.list(places))", "\"rooms\":\(Self.list(rooms.map(\.key)))",
            "\"joinedAt\":\(Self.list(rooms.map { "\($0.value)" }))", "\"joinedPlace\":\(Self.list(roomPlaces.map { "\($0)" }))",
            "\"watched\":\(Self.list(client.watched.map(\.rawValue).sorted()))",
            "\"groups\":\(Self.list(client.principal.groups))",
        ]
        let principal = client.principal
        let texts = [("user", principal.userID?.rawValue), ("role", principal.role), ("jti", principal.tokenID?.rawValue)]
        for case (let name, let text?) in texts { members.append("\"\(name)\":\(JSONString.literal(text))") }
        let saved = client.savedAt?.inNanoseconds
        let times = [("expires", principal.expiresAt), ("issued", principal.issuedAt), ("saved", saved)]
        for case (let name, let time?) in times { members.append("\"\(name)\":\(time)") }
        return "{\(members.joined(separator: ","))}"
    }

    /// Reads a session; `nil` where the text is none.
    func read(_ text: [UInt8], pid: String) -> SavedSession? {
        guard let object = try? JSONObject(text), let socketID = object.string("sid"), let namespace = object.string("nsp"),
            let epoch = object.string("epoch"), let connectedAt = object.string("at").flatMap({ UInt64($0) }),
            let places = object.strings("places")?.compactMap({ SourcePositions($0) }),
            let place = object.integer("place").map({ Int($0) }),
            places.indices.contains(place), let rooms = object.strings("rooms"),
            let joined = object.strings("joinedAt")?.compactMap({ UInt64($0) }),
            let joinedPlaces = object.strings("joinedPlace")?.compactMap({ Int($0) }), joined.count == rooms.count,
            joinedPlaces.count == rooms.count, joinedPlaces.allSatisfy(places.indices.contains), let watched = object.strings("watched")
        else { return nil }
        let principal = Principal(
            userID: object.string("user").flatMap { UserID($0) },
            role: object.string("role"),
            groups: object.strings("groups") ?? [],
            tokenID: object.string("jti").map { TokenID($0) },
            expiresAt: object.integer("expires"),
            issuedAt: object.integer("issued")
        )
        let isOwn = object.string("node") == node.rawValue
        let client = SavedClient(
            principal: principal,
            watched: Set(watched.compactMap { UserID($0) }),
            savedAt: isOwn ? object.integer("saved").map { .nanoseconds($0) } : nil
        )
        let positions = Dictionary(zip(rooms, joined)) { $1 }
        let shared = SharedPlaces(
            connectedAt: places[place],
            rooms: Dictionary(zip(rooms, joinedPlaces.map { places[$0] })) { $1 }
        )
        return SavedSession(
            pid: pid,
            socketID: socketID,
            namespace: namespace,
            data: client,
            epoch: epoch,
            reader: RecoveryReader(socketID: socketID, connectedAt: connectedAt, rooms: positions),
            shared: shared,
            isFromElsewhere: object.bool("elsewhere") ?? false
        )
    }

    private static func list(_ texts: [String]) -> String {
        "[\(texts.map { JSONString.literal($0) }.joined(separator: ","))]"
    }
}
