import RedisClient
import Testing

@Suite("HashSlot")
struct HashSlotTests {
    /// What `CLUSTER KEYSLOT` of Redis 7 answers.
    @Test(
        arguments: [
            ("", 0), ("foo", 12_182), ("bar", 5_061), ("123456789", 12_739), ("{user1000}.following", 3_443), ("user1000", 3_443),
            ("foo{}{bar}", 8_363), ("foo{{bar}}zap", 4_015), ("foo{bar}{zap}", 5_061), ("{", 4_092), ("a}b{c", 13_587),
        ]
    )
    func aKeyIsInItsSlot(_ key: String, _ slot: Int) {
        #expect(HashSlot(of: key).number == slot)
    }

    @Test func numbersAreBounded() {
        #expect(HashSlot(number: 16_383) != nil && HashSlot(number: 16_384) == nil && HashSlot(number: -1) == nil)
    }
}
