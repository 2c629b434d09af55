import GatewayDomain
import HTTPTypes
import Hummingbird
import Logging
import Store

/// Turns whatever is thrown below it into `{"error": {"code", "message"}}` with the right status.
struct AuthErrorMiddleware<Context: RequestContext>: RouterMiddleware {
    func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let failure as AuthFailure {
            return try Self.response(to: failure)
        } catch let error as any HTTPResponseError {
            return try Self.response(toStatus: error.status)
        } catch {
            // Errors of the store describe themselves without tokens; of others only the type is safe to log.
            let description = (error as? StoreError)?.description ?? "\(type(of: error))"
            context.logger.error("auth request failed", metadata: ["error": "\(description)", "path": "\(request.uri.path)"])
            let body = ErrorBody.Content(code: ErrorCode.internalError.rawValue, message: "The service failed; try again later.")
            return try .json(ErrorBody(error: body), status: .internalServerError)
        }
    }

    private static func response(to failure: AuthFailure) throws -> Response {
        var headers: HTTPFields = [:]
        let status: HTTPResponse.Status
        switch failure.code {
        case .authRequired, .authFailed, .tokenExpired:
            status = .unauthorized
            headers[.wwwAuthenticate] = "Bearer"
        case .accessDenied: status = .forbidden
        case .rateLimited, .connectionLimit: status = .tooManyRequests
        case .internalError: status = .internalServerError
        default: status = .badRequest
        }
        if let retryAfter = failure.retryAfter {
            let (seconds, rest) = retryAfter.components
            headers[.retryAfter] = String(max(1, seconds + (rest > 0 ? 1 : 0)))
        }
        let body = ErrorBody.Content(code: failure.code.rawValue, message: failure.message)
        return try .json(ErrorBody(error: body), status: status, headers: headers)
    }

    /// What Hummingbird itself refuses, and what is refused in its way: unknown paths, bodies that are too large or too slow.
    private static func response(toStatus status: HTTPResponse.Status) throws -> Response {
        let message =
            switch status {
            case .notFound: "There is no such endpoint."
            case .requestTimeout: "The body did not come within \(RequestBodies.patience.components.seconds) s; send the request again."
            case .contentTooLarge: "The body may have at most \(RequestBodies.maximumSize) bytes."
            default: "The request cannot be answered: \(status.reasonPhrase)."
            }
        let code = status.code >= 500 ? ErrorCode.internalError : ErrorCode.invalidMessage
        return try .json(ErrorBody(error: .init(code: code.rawValue, message: message)), status: status)
    }
}
