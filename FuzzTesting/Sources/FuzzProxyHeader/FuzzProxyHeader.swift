import Driver
import Properties

@_cdecl("FuzzProxyHeader_main")
package func main(count: CInt, arguments: Arguments?) -> CInt { fuzz(.proxyHeader, count, arguments) }
