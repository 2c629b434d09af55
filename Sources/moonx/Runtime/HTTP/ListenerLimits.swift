import NIOCore

/// How long a connection of the auth service's own port may take.
struct ListenerLimits {
    /// From the beginning of the connection, or the last answer, to a whole head: nobody needs a connection that says nothing.
    var idle = TimeAmount.seconds(10)
    /// From the head of a request to its end. Bodies that are read have half of it, and an answer that says so.
    var request = TimeAmount.seconds(20)
    /// From the head of a request, or from the answer before its own, to the end of its answer. Longer than all that an answer may wait for:
    /// a fetch of keys, the database, Redis.
    var answer = TimeAmount.seconds(60)
}
