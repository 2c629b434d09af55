import GatewayDomain
import Testing

struct DecimalTextTests {
    @Test(arguments: [
        "0", "0.0", "1", "-1", "64231.50000", "0.00031875", "-0.05", "99999999999999999999999999999.12345678",
        "170141183460469231731687303715884105727", "0.00000000000000000000000000000000000001",
    ])
    func writesBackWhatItRead(text: String) throws {
        #expect(try #require(DecimalText(text)).description == text)
    }

    @Test(arguments: [
        "", "-", ".", ".5", "5.", "1.2.3", "+1", "1,5", " 1", "1 ", "--1", "0x10", "NaN", "\u{661}",
        "170141183460469231731687303715884105728", "0.000000000000000000000000000000000000001",
        "e5", "1e", "1e+", "1e+-1", "1e1.5", "1e5e5", "1.e5", "1e39", "1e-39", "1e99999",
    ])
    func refusesAnythingElse(text: String) {
        #expect(DecimalText(text) == nil)
    }

    @Test(arguments: [
        ("1e5", "100000"), ("2.7e-05", "0.000027"), ("1E+2", "100"), ("-1.50e1", "-15.0"), ("0e99", "0"), ("0e-99", "0"), ("1e38", "1e38"),
        ("10e-39", "0.00000000000000000000000000000000000001"), ("12.5e0", "12.5"),
    ])
    func readsExponents(text: String, plain: String) throws {
        #expect(try decimal(text) == decimal(plain))
    }

    @Test func countsDigitsAndDecimals() throws {
        let number = try decimal("64231.50000")
        #expect(number.unscaled == 6_423_150_000)
        #expect(number.scale == 5)
        #expect(DecimalText(unscaled: 5, scale: -1) == nil)
        #expect(DecimalText(unscaled: 5, scale: 39) == nil)
    }

    @Test func comparesValuesNotDigits() throws {
        #expect(try decimal("1.50") == decimal("1.5"))
        #expect(try decimal("0.00") == decimal("-0"))
        #expect(try Set([decimal("1.50"), decimal("1.5"), decimal("1.500"), decimal("1.51")]).count == 2)
        #expect(try decimal("1.49999") < decimal("1.5"))
        #expect(try decimal("-1.5") < decimal("-1.49"))
        #expect(try decimal("-0.5") < decimal("0.25"))
        #expect(try decimal("10") > decimal("9.99"))
    }

    @Test func comparesWhereScalingUpWouldOverflow() throws {
        let large = try decimal("170141183460469231731687303715884105727")
        let small = try decimal("1.00000000000000000000000000000000000001")
        #expect(small < large)
        #expect(large != small)
        #expect(try small > decimal("1"))
    }

    @Test func addsAndSubtracts() throws {
        // 0.1 + 0.2 is the sum that binary floats miss.
        #expect(try decimal("0.1").adding(decimal("0.2"))?.description == "0.3")
        #expect(try decimal("0.00031875").adding(decimal("1"))?.description == "1.00031875")
        #expect(try decimal("1.0").subtracting(decimal("1.25"))?.description == "-0.25")
    }

    @Test func multiplies() throws {
        #expect(try decimal("64231.50000").multiplied(by: decimal("0.00031875"))?.description == "20.4737906250000")
        #expect(try decimal("-1.5").multiplied(by: decimal("2"))?.description == "-3.0")
    }

    @Test func answersNothingWhereDigitsDoNotFit() throws {
        let large = try decimal("170141183460469231731687303715884105727")
        #expect(try large.adding(decimal("1")) == nil)
        #expect(try large.adding(decimal("0.1")) == nil)
        #expect(try decimal("-2").subtracting(large) == nil)
        #expect(try large.multiplied(by: decimal("2")) == nil)
        let fine = try #require(DecimalText(unscaled: 1, scale: 20))
        #expect(fine.multiplied(by: fine) == nil)
        #expect(large.rescaled(to: 1) == nil)
        #expect(try large.percentageChange(from: decimal("1"), decimals: 2) == nil)
    }

    @Test(arguments: [
        ("1.005", 2, "1.01"), ("1.004", 2, "1.00"), ("-1.005", 2, "-1.01"), ("-1.004", 2, "-1.00"), ("0.5", 0, "1"), ("0.4", 0, "0"),
        ("1.5", 3, "1.500"), ("-0.004", 2, "0.00"),
    ])
    func rounds(text: String, scale: Int, expected: String) throws {
        #expect(try decimal(text).rescaled(to: scale)?.description == expected)
    }

    @Test(arguments: [
        ("110", "100", 2, "10.00"), ("100", "100.00", 2, "0.00"), ("99.99", "100", 2, "-0.01"),
        ("64218.65370", "64231.50000", 2, "-0.02"),
        ("2", "3", 4, "-33.3333"), ("1", "3", 0, "-67"), ("100.005", "100", 2, "0.01"), ("99.995", "100", 2, "-0.01"),
    ])
    func tellsTheChangeInPerCent(text: String, reference: String, decimals: Int, expected: String) throws {
        #expect(try decimal(text).percentageChange(from: decimal(reference), decimals: decimals)?.description == expected)
    }

    @Test func tellsNoChangeFromZero() throws {
        #expect(try decimal("1").percentageChange(from: decimal("0.00"), decimals: 2) == nil)
    }

    private func decimal(_ text: String) throws -> DecimalText {
        try #require(DecimalText(text))
    }
}
