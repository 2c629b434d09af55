import RedisClient

/// The steps of a ``RedisMessageStore``. Each runs as one; its keys are of one user.
///
/// An item is a field of the hash KEYS[1], named by a letter for its kind and its id; its value is the time it was kept, a line feed, and
/// the members. Numbers are written with `%.0f`: Lua would write large ones with an exponent.
enum MailScripts {
    /// KEYS: items, ids of this kind, ids of the other kind, notifications told. ARGV: letter, the other letter, id, time, members,
    /// earliest time kept, lifetime, most of this kind, most bytes, channel, command to publish, node to answer, milliseconds that told
    /// notifications are remembered, when it was said by its publisher, if that is known. Returns how many items had to go and how many nodes were told; `-1` for the latter where the item is known.
    static let keep = RedisScript(
        parts + """
            local mine, other, id, time = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
            expire(KEYS[2], mine, ARGV[6])
            expire(KEYS[3], other, ARGV[6])
            if mine == 'n' then
                redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', string.format('(%.0f', time - tonumber(ARGV[13])))
                -- Who begins reads what came before. Where it is older than the thousand told last that are known, it was told.
                if time < tonumber(ARGV[6]) + tonumber(ARGV[7]) - 60000 then
                    local oldest = redis.call('ZRANGE', KEYS[4], -1000, -1000, 'WITHSCORES')[2]
                    if oldest and time < tonumber(oldest) then return {0, -1} end
                end
                -- The same of what every node reads of a stream, and another where a publisher uses an id again.
                local told = id .. ' ' .. ARGV[14]
                if redis.call('ZADD', KEYS[4], 'NX', time, told) == 0 then return {0, -1} end
                if redis.call('HEXISTS', KEYS[1], mine .. id) == 1 then drop(KEYS[2], mine, id) end
                redis.call('ZREMRANGEBYRANK', KEYS[4], 0, -1001)
                redis.call('PEXPIRE', KEYS[4], ARGV[13])
            elseif redis.call('HEXISTS', KEYS[1], mine .. id) == 1 then
                return {0, -1}
            end
            local last = tonumber(redis.call('HGET', KEYS[1], '#last') or '0')
            local place = string.format('%.0f', math.max(last + 1, time * 1000))
            redis.call('HSET', KEYS[1], '#last', place, mine .. id, ARGV[4] .. '\\n' .. ARGV[5])
            redis.call('ZADD', KEYS[2], place, id)
            local bytes = redis.call('HINCRBY', KEYS[1], '#bytes', #id + #ARGV[5])
            local dropped = 0
            while redis.call('ZCARD', KEYS[2]) > tonumber(ARGV[8]) do
                bytes = drop(KEYS[2], mine, redis.call('ZRANGE', KEYS[2], 0, 0)[1])
                dropped = dropped + 1
            end
            while bytes > tonumber(ARGV[9]) do
                local a = redis.call('ZRANGE', KEYS[2], 0, 0, 'WITHSCORES')
                local b = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
                if not a[1] and not b[1] then break end
                if a[1] and (not b[1] or tonumber(a[2]) < tonumber(b[2])) then
                    bytes = drop(KEYS[2], mine, a[1])
                else
                    bytes = drop(KEYS[3], other, b[1])
                end
                dropped = dropped + 1
            end
            for i = 1, 3 do redis.call('PEXPIRE', KEYS[i], ARGV[7]) end
            local notice = table.concat({'m', place, mine, ARGV[12], ARGV[4], #id}, ' ') .. '\\n' .. id .. ARGV[5]
            return {dropped, redis.call(ARGV[11], ARGV[10], notice)}
            """
    )

    /// KEYS: items, direct messages, notifications. ARGV: earliest time kept. Returns letter, id, place and value of each item.
    static let read = RedisScript(
        parts + """
            expire(KEYS[2], 'd', ARGV[1])
            expire(KEYS[3], 'n', ARGV[1])
            local found = {}
            for index, letter in pairs({[2] = 'd', [3] = 'n'}) do
                local ids = redis.call('ZRANGE', KEYS[index], 0, -1, 'WITHSCORES')
                for i = 1, #ids, 2 do
                    local value = redis.call('HGET', KEYS[1], letter .. ids[i])
                    if value then
                        for _, part in ipairs({letter, ids[i], string.format('%.0f', tonumber(ids[i + 1])), value}) do
                            found[#found + 1] = part
                        end
                    end
                end
            end
            return found
            """
    )

    /// KEYS: items, direct messages, notifications. ARGV: ids of items that are to go. Returns how many went.
    static let remove = RedisScript(
        parts + """
            -- Whoever asks for many that are not there must not keep others waiting.
            local removed = 0
            for index, letter in pairs({[2] = 'd', [3] = 'n'}) do
                local names = {}
                for i, id in ipairs(ARGV) do names[i] = letter .. id end
                for i, value in ipairs(redis.call('HMGET', KEYS[1], unpack(names))) do
                    if value then
                        drop(KEYS[index], letter, ARGV[i])
                        removed = removed + 1
                    end
                end
            end
            return removed
            """
    )

    /// KEYS: answers, their names by time. ARGV: name, answer, time, earliest time remembered, most names, milliseconds that names are
    /// remembered. Returns the answer remembered under this name, or nothing and remembers this one.
    static let claim = RedisScript(
        """
        local function forget(names)
            for _, name in ipairs(names) do
                redis.call('HDEL', KEYS[1], name)
                redis.call('ZREM', KEYS[2], name)
            end
        end
        forget(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', '(' .. ARGV[4], 'LIMIT', 0, 500))
        local score = redis.call('ZSCORE', KEYS[2], ARGV[1])
        if score and tonumber(score) >= tonumber(ARGV[4]) then return redis.call('HGET', KEYS[1], ARGV[1]) end
        redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
        redis.call('ZADD', KEYS[2], ARGV[3], ARGV[1])
        local excess = redis.call('ZCARD', KEYS[2]) - tonumber(ARGV[5])
        if excess > 0 then forget(redis.call('ZRANGE', KEYS[2], 0, excess - 1)) end
        redis.call('PEXPIRE', KEYS[1], ARGV[6])
        redis.call('PEXPIRE', KEYS[2], ARGV[6])
        return false
        """
    )

    /// KEYS: answers. ARGV: name, first letter of the answer from now on, or nothing; `1` where the message was delivered.
    static let settle = RedisScript(
        """
        local answer = redis.call('HGET', KEYS[1], ARGV[1])
        if answer then
            local state, delivered, rest = string.match(answer, '^(%a) (%d) (.*)$')
            if ARGV[2] ~= '' then state = ARGV[2] end
            if ARGV[3] == '1' then delivered = '1' end
            redis.call('HSET', KEYS[1], ARGV[1], state .. ' ' .. delivered .. ' ' .. rest)
        end
        return redis.status_reply('OK')
        """
    )

    private static let parts = """
        local function drop(index, letter, id)
            local value = redis.call('HGET', KEYS[1], letter .. id)
            redis.call('ZREM', index, id)
            if not value then return tonumber(redis.call('HGET', KEYS[1], '#bytes') or '0') end
            redis.call('HDEL', KEYS[1], letter .. id)
            return redis.call('HINCRBY', KEYS[1], '#bytes', -(#id + #value - string.find(value, '\\n', 1, true)))
        end
        local function expire(index, letter, earliest)
            local limit = string.format('(%.0f', tonumber(earliest) * 1000)
            for _, id in ipairs(redis.call('ZRANGEBYSCORE', index, '-inf', limit)) do drop(index, letter, id) end
        end

        """
}
