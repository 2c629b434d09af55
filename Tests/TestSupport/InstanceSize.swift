/// As the standard library has it for `ManagedBuffer`, which does not show it to others.
@_silgen_name("_swift_getSwiftClassInstanceExtents")
private func instanceExtents(of type: AnyClass) -> (negative: UInt, positive: UInt)

/// The bytes of an object, without what the allocator adds: glibc has blocks of 24 bytes, 40, 56 and so on.
public func instanceSize(of object: AnyObject) -> Int {
    Int(instanceExtents(of: type(of: object)).positive)
}
