import Driver
import Properties

@_cdecl("FuzzPolling_main")
package func main(count: CInt, arguments: Arguments?) -> CInt { fuzz(.polling, count, arguments) }
