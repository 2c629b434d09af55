import Driver
import Properties

@_cdecl("FuzzPolling3_main")
package func main(count: CInt, arguments: Arguments?) -> CInt { fuzz(.polling3, count, arguments) }
