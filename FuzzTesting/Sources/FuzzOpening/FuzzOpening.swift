import Driver
import Properties

@_cdecl("FuzzOpening_main")
package func main(count: CInt, arguments: Arguments?) -> CInt { fuzz(.opening, count, arguments) }
