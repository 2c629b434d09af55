/// When each of several sessions ends while a server drains: one in each equal part of the time, at a random moment of it, so that their
/// clients do not come back all at once, neither here nor elsewhere.
struct DrainSchedule {
    /// The whole time.
    let duration: Duration
    /// How many sessions end in it.
    let count: Int

    /// After how long the session `index` ends, counted from 0.
    func delay(_ index: Int, using generator: inout some RandomNumberGenerator) -> Duration {
        guard count > 0 else { return .zero }
        return duration * (Double(index) + Double.random(in: 0..<1, using: &generator)) / Double(count)
    }
}
