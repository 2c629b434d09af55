import Testing

@testable import EngineIO

@Suite("Accept-Encoding")
struct ContentCodingTests {
    /// As the reference server's `accepts` decides between gzip and deflate.
    @Test(
        arguments: [
            (["gzip"], .gzip), (["deflate"], .deflate), (["gzip, deflate, br"], .gzip), (["deflate, gzip"], .deflate),
            (["gzip;q=0.5, deflate"], .deflate), (["gzip;q=0.5, deflate;q=0.4"], .gzip), (["GZIP ; Q=1"], .gzip),
            (["*"], .gzip), (["*;q=0.1"], .gzip), (["gzip;q=0, *"], .deflate), (["deflate, *"], .deflate), (["br", "deflate"], .deflate),
            (["identity;q=0.5, gzip"], .gzip),
            ([], nil), ([""], nil), (["br"], nil), (["identity"], nil), (["gzip;q=0"], nil), (["*;q=0"], nil),
            (["gzip;q=0, deflate;q=0, *"], nil), (["identity, gzip;q=0.5"], nil), (["gzip;q=x"], nil), (["gzip;q=2"], nil),
        ] as [([String], ContentCoding?)]
    )
    func preferred(_ values: [String], _ coding: ContentCoding?) {
        #expect(ContentCoding.preferred(values) == coding)
    }
}
