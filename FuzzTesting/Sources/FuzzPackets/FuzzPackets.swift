import Driver
import Properties

@_cdecl("FuzzPackets_main")
package func main(count: CInt, arguments: Arguments?) -> CInt { fuzz(.packets, count, arguments) }
