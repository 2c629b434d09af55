import Testing

/// Fails the test: a pattern that must match has not.
func notWhatIsDue(_ what: String, sourceLocation: SourceLocation = #_sourceLocation) {
    Issue.record("\(what)", sourceLocation: sourceLocation)
}
