import Driver
import Properties

@_cdecl("FuzzMessagePack_main")
package func main(count: CInt, arguments: Arguments?) -> CInt { fuzz(.msgpack, count, arguments) }
