import Driver
import Properties

@_cdecl("FuzzRESP_main")
package func main(count: CInt, arguments: Arguments?) -> CInt { fuzz(.resp, count, arguments) }
