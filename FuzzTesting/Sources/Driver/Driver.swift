package import Properties

#if canImport(Darwin)
    import Darwin
#elseif canImport(Musl)
    import Musl
#else
    import Glibc
#endif

// <fuzzer/FuzzerInterface.h>, "Using libFuzzer as a library": https://llvm.org/docs/LibFuzzer.html
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<Arguments?>,
    _ testOneInput: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

package typealias Arguments = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>

private nonisolated(unsafe) var target = FuzzTarget.json

/// Hands the process over to libFuzzer. SwiftPM takes `<module>_main` for `main`, so that libFuzzer's own `main` is of no use.
package func fuzz(_ chosen: FuzzTarget, _ count: CInt, _ arguments: Arguments?) -> CInt {
    target = chosen
    // Swift's traps are SIGILL on x86, which libFuzzer catches, but SIGTRAP on ARM, which it does not: the input would be lost.
    signal(SIGTRAP) { _ in abort() }
    var count = count
    var arguments = arguments
    return runDriver(&count, &arguments, testOneInput)
}

// libFuzzer's `main`, which is linked though it is not run, wants this name.
@_cdecl("LLVMFuzzerTestOneInput")
package func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt { target.fuzz(start, count) }
