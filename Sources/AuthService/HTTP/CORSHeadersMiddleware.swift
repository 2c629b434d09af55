import HTTPTypes
import Hummingbird

/// Answers preflights and adds CORS headers for a list of origins, credentials allowed.
///
/// Hummingbird's own middleware takes its list at compile time only, and says that credentials are allowed to origins that are not.
/// Add this one to the router itself: only there it also sees preflights, for which no route exists.
public struct CORSHeadersMiddleware<Context: RequestContext>: RouterMiddleware {
    private let origins: AllowedOrigins

    /// Middleware for these origins; requests of others are answered without the headers, so their browsers refuse the answers.
    public init(origins: AllowedOrigins) {
        self.origins = origins
    }

    /// See `RouterMiddleware`.
    public func handle(
        _ request: Request,
        context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        guard let origin = request.headers[.origin] else { return try await next(request, context) }
        var headers: HTTPFields = [.vary: "Origin"]
        let isAllowed = origins.allows(origin)
        if isAllowed {
            headers[.accessControlAllowOrigin] = origin
            headers[.accessControlAllowCredentials] = "true"
            headers[.accessControlExposeHeaders] = "Retry-After"
        }
        if request.method == .options, request.headers[.accessControlRequestMethod] != nil {
            if isAllowed {
                headers[.accessControlAllowMethods] = "GET, POST, OPTIONS"
                headers[.accessControlAllowHeaders] = "Authorization, Content-Type"
                headers[.accessControlMaxAge] = "600"
            }
            return Response(status: .noContent, headers: headers)
        }
        var response: Response
        do {
            response = try await next(request, context)
        } catch let error as any HTTPResponseError {
            // Without the headers, a page could not read why its request failed.
            response = try error.response(from: request, context: context)
        }
        response.headers.append(contentsOf: headers)
        return response
    }
}
