import Driver
import Properties

@_cdecl("FuzzWebSocket_main")
package func main(count: CInt, arguments: Arguments?) -> CInt { fuzz(.websocket, count, arguments) }
