import Foundation

/// A port of loopback that nobody listens on at the moment.
enum FreePort {
    static func find() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw RedisServer.Failure(description: "no socket") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        // Others than those of the end-to-end tests (`ports.py`), which may run at the same time. A node of a cluster listens 10,000 above its
        // port too: below 32,768, where the ports of connections that go out begin.
        for _ in 0..<100 {
            address.sin_port = UInt16.random(in: 15_000..<20_000).bigEndian
            let isBound = withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
                }
            }
            if isBound { return Int(UInt16(bigEndian: address.sin_port)) }
        }
        throw RedisServer.Failure(description: "no free port")
    }
}
