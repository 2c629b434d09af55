import EngineIOCore
import NIOCore
import SocketIOCore
import Testing

@testable import SocketIOClient

@Suite("ClientMachine")
struct ClientMachineTests {
    private static let open = #"0{"sid":"s","upgrades":[],"pingInterval":300,"pingTimeout":200,"maxPayload":1000000}"#

    /// What the machine makes of these packets, in short words.
    private func transcript(_ packets: [String], namespace: String = "/", auth: String? = nil) throws -> [String] {
        var machine = ClientMachine(namespace: namespace, auth: auth.map { ByteBuffer(string: $0) })
        return try packets.map { packet in
            let isBinary = packet.hasPrefix("b:")
            let bytes = ByteBuffer(string: isBinary ? String(packet.dropFirst(2)) : packet)
            switch machine.received(isBinary ? .binary(bytes) : try EnginePacket(text: bytes)) {
            case .opened(let parameters, let connect): return "\(parameters.pingInterval) \(String(buffer: connect))"
            case .pong(let pong): return String(buffer: pong)
            case .connected(let session): return "connected \(session.id)"
            case .refused(let error): return "refused \(error)"
            case .event(let event): return "event \(event.name) \(event.arguments.attachments.map { String(buffer: $0) })"
            case .ack(let id, let arguments): return "ack \(id) \(String(buffer: arguments.joined))"
            case .end(let reason): return "end \(reason.rawValue)"
            case .nothing: return "-"
            }
        }
    }

    @Test func aSession() throws {
        let packets = [
            Self.open, #"40{"sid":"x"}"#, "2", "2probe", #"42["a",1]"#, #"451-["b",{"_placeholder":true,"num":0}]"#, "b:bytes",
            "4312[true]", "6", "3", "41", "2",
        ]
        let expected = [
            "0.3 seconds 40{\"token\":1}", "connected x", "3", "3probe", "event a []", "-", "event b [\"bytes\"]", "ack 12 true", "-", "-",
            "end io server disconnect", "-",
        ]
        #expect(try transcript(packets, auth: #"{"token":1}"#) == expected)
    }

    @Test func aNamespaceOfItsOwn() throws {
        let packets = [Self.open, #"40{"sid":"root"}"#, #"40/a,{"sid":"x"}"#, #"42["root"]"#, #"42/a,["mine"]"#, "41", "41/a,"]
        let expected = ["0.3 seconds 40/a,", "-", "connected x", "-", "event mine []", "-", "end io server disconnect"]
        #expect(try transcript(packets, namespace: "/a") == expected)
    }

    @Test func aRefusal() throws {
        let packets = [Self.open, #"44{"message":"429 later","data":{"code":"RATE_LIMITED"}}"#, #"42["a"]"#]
        #expect(try transcript(packets) == ["0.3 seconds 40", "refused 429 later [RATE_LIMITED]", "-"])
    }

    @Test(arguments: ["40{}", "0{}", "42[\"a\"]"])
    func beforeTheOpenPacketNothingElseMayCome(_ packet: String) throws {
        #expect(try transcript([packet, Self.open]) == ["end parse error", "-"])
    }

    @Test(arguments: ["42[", "42{}", "4x", "b:stray", "42[\"a\"]x"])
    func garbageIsTheEnd(_ packet: String) throws {
        #expect(try transcript([Self.open, #"40{"sid":"x"}"#, packet]).last == "end parse error")
    }

    @Test func theServersGoodbyeIsATransportClose() throws {
        #expect(try transcript([Self.open, "1"]).last == "end transport close")
    }
}
