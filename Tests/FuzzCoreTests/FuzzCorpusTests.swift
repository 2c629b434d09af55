import Foundation
import Testing

/// The seeds and past failures of FuzzTesting/, run through the properties of its targets, without libFuzzer.
@Suite("Fuzz corpus")
struct FuzzCorpusTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../FuzzTesting").standardized

    private static func files(_ kind: String, of target: FuzzTarget) throws -> [URL] {
        let folder = folder.appending(path: "\(kind)/\(target.rawValue)")
        guard FileManager.default.fileExists(atPath: folder.path) else { return [] }
        return try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .sorted { $0.path < $1.path }
    }

    private static func check(_ input: [UInt8], _ target: FuzzTarget, _ origin: String) {
        do {
            try target.check(input)
        } catch {
            Issue.record("\(target) \(origin): \(error): \(String(decoding: input, as: UTF8.self).debugDescription)")
        }
    }

    @Test(arguments: FuzzTarget.allCases) func everyFile(_ target: FuzzTarget) throws {
        let seeds = try Self.files("Corpus", of: target)
        #expect(seeds.count > 9, "the seeds are not where they are looked for")
        for file in try seeds + Self.files("FailCases", of: target) {
            Self.check(Array(try Data(contentsOf: file)), target, file.lastPathComponent)
        }
    }

    /// What libFuzzer would try first: every beginning of a seed, and every seed with a bit turned over in one byte.
    @Test(arguments: FuzzTarget.allCases) func nearEverySeed(_ target: FuzzTarget) throws {
        for file in try Self.files("Corpus", of: target) {
            let input = Array(try Data(contentsOf: file))
            for index in input.indices {
                Self.check(Array(input[..<index]), target, "\(file.lastPathComponent), the first \(index) bytes")
                var turned = input
                turned[index] ^= 1 << (index % 8)
                Self.check(turned, target, "\(file.lastPathComponent), a bit of byte \(index)")
            }
        }
    }
}
