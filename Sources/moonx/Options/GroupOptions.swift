import ArgumentParser
import GatewayDomain

/// Who may enter groups.
struct GroupOptions: ParsableArguments {
    @Option(help: "open lets whoever knows a group's id into it, claims only those whose token lists it. Default: open")
    var groupPolicy: GroupPolicy?

    func policy() throws -> RoomPolicy {
        switch try Setting.value(groupPolicy, "group-policy", default: .open) {
        case .open: RoomPolicy(groups: .open)
        case .claims: RoomPolicy(groups: .claims)
        }
    }
}

/// `open` or `claims`.
enum GroupPolicy: String, ExpressibleByArgument, LosslessStringConvertible, CaseIterable {
    case open
    case claims

    init?(_ description: String) { self.init(rawValue: description) }
    var description: String { rawValue }
}
