import RedisClient

/// How a user is seen over all nodes, as steps in Redis. Each tells those who watch the user of what it changes.
///
/// KEYS[1] is a hash: `n<node>` for each node that has devices of the user; `s` the status chosen, where it is not `online`; `l` when the
/// user was last visible, where that is over; `v` a number that rises with each change, made of the time so that it rises also where Redis has
/// lost the last one.
enum PresenceScripts {
    /// ARGV: node, time, channel, command to publish. The node has devices of the user.
    static let enter = RedisScript(
        parts + """
            local wasThere = isThere()
            redis.call('HSET', KEYS[1], 'n' .. ARGV[1], '1')
            if not wasThere then
                local status = redis.call('HGET', KEYS[1], 's')
                if status ~= 'invisible' then
                    redis.call('HDEL', KEYS[1], 's')
                    announce('online', ARGV[2], ARGV[2])
                end
            end
            keep()
            return redis.status_reply('OK')
            """
    )

    /// ARGV: node, time, channel, command to publish, when the last device went. The node has none any more.
    static let leave = RedisScript(
        parts + """
            if redis.call('HDEL', KEYS[1], 'n' .. ARGV[1]) == 0 or isThere() then return redis.status_reply('OK') end
            if redis.call('HGET', KEYS[1], 's') ~= 'invisible' then
                -- A choice other than to be invisible ends with the last device.
                redis.call('HDEL', KEYS[1], 's')
                redis.call('HSET', KEYS[1], 'l', ARGV[5])
                announce('offline', ARGV[5], ARGV[2])
            end
            keep()
            return redis.status_reply('OK')
            """
    )

    /// ARGV: node, time, channel, command to publish, status. The user chooses; nothing changes for who is not there.
    static let choose = RedisScript(
        parts + """
            local status = redis.call('HGET', KEYS[1], 's') or 'online'
            if not isThere() or status == ARGV[5] then return redis.status_reply('OK') end
            if status ~= 'invisible' then redis.call('HSET', KEYS[1], 'l', ARGV[2]) end
            if ARGV[5] == 'online' then redis.call('HDEL', KEYS[1], 's') else redis.call('HSET', KEYS[1], 's', ARGV[5]) end
            if ARGV[5] == 'invisible' then
                announce('offline', redis.call('HGET', KEYS[1], 'l') or '-', ARGV[2])
            else
                announce(ARGV[5], ARGV[2], ARGV[2])
            end
            keep()
            return redis.status_reply('OK')
            """
    )

    private static let parts = """
        local function isThere()
            for _, name in ipairs(redis.call('HKEYS', KEYS[1])) do
                if string.sub(name, 1, 1) == 'n' then return true end
            end
            return false
        end
        local function announce(appearance, lastSeen, time)
            local last = tonumber(redis.call('HGET', KEYS[1], 'v') or '0')
            local version = string.format('%.0f', math.max(last + 1, tonumber(time)))
            redis.call('HSET', KEYS[1], 'v', version)
            redis.call(ARGV[4], ARGV[3], version .. ' ' .. appearance .. ' ' .. lastSeen)
        end
        local function keep() redis.call('PEXPIRE', KEYS[1], 7776000000) end

        """
}
