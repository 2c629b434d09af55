import Driver
import Properties

@_cdecl("FuzzQuery_main")
package func main(count: CInt, arguments: Arguments?) -> CInt { fuzz(.query, count, arguments) }
