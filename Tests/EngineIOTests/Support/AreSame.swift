import EngineIO

/// Whether both hold the very same frames in the same order.
func areSame(_ left: [OutboundFrame], _ right: [OutboundFrame]) -> Bool {
    left.elementsEqual(right) { $0 === $1 }
}
