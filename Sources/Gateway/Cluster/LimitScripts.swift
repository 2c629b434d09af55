import RedisClient

/// The limits that all nodes enforce together, as steps in Redis.
enum LimitScripts {
    /// KEYS: connections of one subject, by node. ARGV: this node, the limit, the time, the nodes that count. Returns whether there was room
    /// for one more.
    ///
    /// Of other nodes what they have is taken out, unless they started within the last ten seconds: such a node may not be known yet to the
    /// one who asks.
    static let acquire = RedisScript(
        """
        local counts, total = {}, 0
        for i = 4, #ARGV do counts[ARGV[i]] = true end
        local all = redis.call('HGETALL', KEYS[1])
        for i = 1, #all, 2 do
            if counts[all[i]] or tonumber(ARGV[3]) - (tonumber(string.sub(all[i], 1, 8), 36) or 0) < 10000 then
                total = total + tonumber(all[i + 1])
            else
                redis.call('HDEL', KEYS[1], all[i])
            end
        end
        if total >= tonumber(ARGV[2]) then return 0 end
        redis.call('HINCRBY', KEYS[1], ARGV[1], 1)
        redis.call('PEXPIRE', KEYS[1], 7200000)
        return 1
        """
    )

    /// KEYS: connections of one subject. ARGV: this node.
    static let release = RedisScript(
        """
        if redis.call('HINCRBY', KEYS[1], ARGV[1], -1) <= 0 then redis.call('HDEL', KEYS[1], ARGV[1]) end
        return redis.status_reply('OK')
        """
    )

    /// KEYS: connections of one subject. ARGV: this node, how many it has, which may be none any more.
    static let restate = RedisScript(
        """
        if tonumber(ARGV[2]) == 0 then
            redis.call('HDEL', KEYS[1], ARGV[1])
            return redis.status_reply('OK')
        end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
        redis.call('PEXPIRE', KEYS[1], 7200000)
        return redis.status_reply('OK')
        """
    )

    /// KEYS: what is left to an address. ARGV: attempts a second, at most at once. Returns how many milliseconds to wait, `0` for none.
    static let attempt = RedisScript(
        """
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000 + tonumber(time[2]) / 1000
        local rate, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
        local known = redis.call('HMGET', KEYS[1], 'tokens', 'at')
        local tokens = tonumber(known[1] or burst)
        if known[2] then tokens = math.min(burst, tokens + math.max(0, now - tonumber(known[2])) / 1000 * rate) end
        local wait = 0
        if tokens >= 1 then tokens = tokens - 1 else wait = math.ceil((1 - tokens) / rate * 1000) end
        redis.call('HSET', KEYS[1], 'tokens', string.format('%.6f', tokens), 'at', string.format('%.3f', now))
        redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
        return wait
        """
    )
}
