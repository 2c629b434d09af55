import RedisClient

/// What is asked of a stream whose entries may be of any size: whoever may write to it can add what no answer holds.
enum StreamReadScripts {
    /// KEYS: a stream. ARGV: the id of an entry. Returns how many entries were ever added, how many there are, the id of the first, the last
    /// that was given, and how many there are with that id; nothing where there is no stream. `XINFO STREAM` itself answers with the first
    /// entry and the last one whole.
    static let info = RedisScript(
        """
        if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
        local info, found = redis.call('XINFO', 'STREAM', KEYS[1]), {}
        for i = 1, #info, 2 do found[info[i]] = info[i + 1] end
        local first = found['first-entry']
        local same = #redis.call('XRANGE', KEYS[1], ARGV[1], ARGV[1])
        return {found['entries-added'] or 0, found['length'], first and first[1] or '', found['last-generated-id'], same}
        """
    )

    /// KEYS: a stream. ARGV: `XRANGE` or `XREVRANGE`, from where to where, the longest event that is wanted. Returns the id of the first entry
    /// there and its event, without that where it is longer or missing; nothing where there is no entry.
    static let one = RedisScript(
        """
        local entry = redis.call(ARGV[1], KEYS[1], ARGV[2], ARGV[3], 'COUNT', 1)[1]
        if not entry then return {} end
        local fields = entry[2]
        for i = 1, #fields, 2 do
            if fields[i] == 'event' then
                if #fields[i + 1] > tonumber(ARGV[4]) then break end
                return {entry[1], fields[i + 1]}
            end
        end
        return {entry[1]}
        """
    )
}
