import Driver
import Properties

@_cdecl("FuzzJSON_main")
package func main(count: CInt, arguments: Arguments?) -> CInt { fuzz(.json, count, arguments) }
