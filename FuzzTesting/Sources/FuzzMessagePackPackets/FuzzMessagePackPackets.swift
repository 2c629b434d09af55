import Driver
import Properties

@_cdecl("FuzzMessagePackPackets_main")
package func main(count: CInt, arguments: Arguments?) -> CInt { fuzz(.msgpackPackets, count, arguments) }
