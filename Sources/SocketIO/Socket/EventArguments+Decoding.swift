import Foundation
import NIOCore
public import SocketIOCore

extension EventArguments {
    /// The argument at `index` as a value.
    ///
    /// - Throws: What `JSONDecoder` throws; a missing argument is a `DecodingError.valueNotFound`.
    public func decode<Value: Decodable>(_ type: Value.Type, at index: Int = 0) throws -> Value {
        guard let json = json(index) else {
            throw DecodingError.valueNotFound(type, .init(codingPath: [], debugDescription: "there is no argument \(index)"))
        }
        return try JSONDecoder().decode(type, from: Data(json.readableBytesView))
    }
}
