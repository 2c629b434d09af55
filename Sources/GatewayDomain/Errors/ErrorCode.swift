/// The codes a client can meet in `error`, in a negative ack, or in the `data` of a `connect_error`.
public enum ErrorCode: String, Sendable, CaseIterable {
    case authRequired = "AUTH_REQUIRED"
    case authFailed = "AUTH_FAILED"
    case tokenExpired = "TOKEN_EXPIRED"
    case rateLimited = "RATE_LIMITED"
    case roomNotFound = "ROOM_NOT_FOUND"
    case accessDenied = "ACCESS_DENIED"
    case invalidMessage = "INVALID_MESSAGE"
    case connectionLimit = "CONNECTION_LIMIT"
    case roomLimit = "ROOM_LIMIT"
    case slowConsumer = "SLOW_CONSUMER"
    case internalError = "INTERNAL"
}
