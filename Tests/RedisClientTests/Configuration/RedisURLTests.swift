import RedisClient
import Testing

@Suite("Redis URLs")
struct RedisURLTests {
    @Test func allPartsAreRead() throws {
        let settings = try RedisConfiguration(url: "rediss://bob:p%40ss%2Fw/rd@h1:7000,h2,[::1]:7002/3?name=n&ca=/ca.pem&servername=redis")
        #expect(settings.username == "bob" && settings.password == "p@ss/w/rd")
        #expect(settings.addresses == [.init(host: "h1", port: 7_000), .init(host: "h2"), .init(host: "::1", port: 7_002)])
        #expect(settings.database == 3 && settings.clientName == "n" && settings.isCluster == nil)
        #expect(settings.tls?.certificateAuthorityFile == "/ca.pem" && settings.tls?.serverName == "redis")
        #expect(settings.description == "rediss://h1:7000,h2:6379,[::1]:7002/3", "without user and password")
    }

    @Test func mostPartsMayBeMissing() throws {
        let settings = try RedisConfiguration(url: "redis://localhost")
        #expect(settings.addresses == [RedisAddress(host: "localhost", port: 6_379)])
        #expect(settings.username == nil && settings.password == nil && settings.tls == nil && settings.database == 0)
        #expect(try RedisConfiguration(url: "redis://:secret@h").password == "secret")
        #expect(try RedisConfiguration(url: "redis://:secret@h").username == nil)
        #expect(try RedisConfiguration(url: "redis://h?cluster=true").isCluster == true)
        #expect(try RedisConfiguration(url: "REDIS://h/?db=4").database == 4)
        #expect(try RedisConfiguration(url: "redis://[::1]").addresses == [RedisAddress(host: "::1")])
    }

    @Test(
        arguments: [
            "", "localhost:6379", "http://h", "redis://", "redis://secret@", "redis://:secret@h:x", "redis://secret@h:0", "redis://h:70000",
            "redis://::1", "redis://[::1", "redis://[::1]x", "redis://h/secret", "redis://h/-1", "redis://:secret%zz@h",
            "redis://:secret%@h",
            "redis://h?cluster=secret", "redis://h?secret", "redis://h?secret=1", "redis://h?ca=secret", "redis://h/1?cluster=true",
            "redis://:secret%ff@h",
        ]
    )
    func aMistakeIsSaidWithoutTheURL(_ url: String) {
        let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
        #expect(error?.code == .configuration && error?.message.contains("secret") == false && error?.message.isEmpty == false)
    }
}
