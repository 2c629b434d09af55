/// The dashboard's files, embedded in the binary by the package's resource rule.
enum DashboardAssets {
    struct File: Sendable {
        let contentType: String
        let bytes: [UInt8]
    }

    /// The file of this name; `nil` where there is none.
    static func file(_ name: String) -> File? {
        guard let bytes = bytes(name) else { return nil }
        return File(contentType: contentType(name), bytes: bytes)
    }

    private static func contentType(_ name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "svg": "image/svg+xml"
        default: "application/octet-stream"
        }
    }

    private static func bytes(_ name: String) -> [UInt8]? {
        switch name {
        case "account.js": PackageResources.account_js
        case "app.js": PackageResources.app_js
        case "board.js": PackageResources.board_js
        case "book.js": PackageResources.book_js
        case "connection.js": PackageResources.connection_js
        case "dom.js": PackageResources.dom_js
        case "favicon.svg": PackageResources.favicon_svg
        case "focus.js": PackageResources.focus_js
        case "frame.js": PackageResources.frame_js
        case "index.html": PackageResources.index_html
        case "layout.css": PackageResources.layout_css
        case "limits.js": PackageResources.limits_js
        case "market.js": PackageResources.market_js
        case "messages.js": PackageResources.messages_js
        case "notices.js": PackageResources.notices_js
        case "panels.css": PackageResources.panels_css
        case "people.js": PackageResources.people_js
        case "raw.js": PackageResources.raw_js
        case "rooms.js": PackageResources.rooms_js
        case "sequence.js": PackageResources.sequence_js
        case "session.js": PackageResources.session_js
        case "shortcuts.js": PackageResources.shortcuts_js
        case "slow-worker.js": PackageResources.slow_worker_js
        case "slow.js": PackageResources.slow_js
        case "sparkline.js": PackageResources.sparkline_js
        case "status.js": PackageResources.status_js
        case "subscriptions.js": PackageResources.subscriptions_js
        case "tabs.css": PackageResources.tabs_css
        case "tabs.js": PackageResources.tabs_js
        case "tape.js": PackageResources.tape_js
        case "theme.css": PackageResources.theme_css
        case "theme.js": PackageResources.theme_js
        case "toasts.js": PackageResources.toasts_js
        default: nil
        }
    }
}
