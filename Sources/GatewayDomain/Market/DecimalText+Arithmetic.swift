/// Exact arithmetic. Each result is `nil` where it has more digits than fit.
extension DecimalText {
    /// The sum, with the decimals of the operand that has more of them.
    public func adding(_ other: DecimalText) -> DecimalText? {
        aligned(with: other) { $0.addingReportingOverflow($1) }
    }

    /// The difference, with the decimals of the operand that has more of them.
    public func subtracting(_ other: DecimalText) -> DecimalText? {
        aligned(with: other) { $0.subtractingReportingOverflow($1) }
    }

    /// The product, with the decimals of both operands together.
    public func multiplied(by other: DecimalText) -> DecimalText? {
        let (product, overflow) = unscaled.multipliedReportingOverflow(by: other.unscaled)
        return overflow ? nil : DecimalText(unscaled: product, scale: scale + other.scale)
    }

    /// The number with that many decimals; halves are rounded away from zero.
    public func rescaled(to newScale: Int) -> DecimalText? {
        guard (0...Self.maximumScale).contains(newScale) else { return nil }
        if newScale < scale {
            let rounded = Self.rounded(unscaled, dividedBy: Self.powerOfTen(scale - newScale))
            return DecimalText(unscaled: rounded, scale: newScale)
        }
        let (raised, overflow) = unscaled.multipliedReportingOverflow(by: Self.powerOfTen(newScale - scale))
        return overflow ? nil : DecimalText(unscaled: raised, scale: newScale)
    }

    /// By how many per cent this differs from `reference`, with that many decimals; halves are rounded away from zero.
    /// `nil` also where `reference` is zero.
    public func percentageChange(from reference: DecimalText, decimals: Int) -> DecimalText? {
        guard reference.unscaled != 0, (0...Self.maximumScale - 2).contains(decimals),
            let difference = subtracting(reference),
            let divisor = reference.rescaled(to: difference.scale)
        else { return nil }
        let (dividend, overflow) = difference.unscaled.multipliedReportingOverflow(by: Self.powerOfTen(decimals + 2))
        return overflow ? nil : DecimalText(unscaled: Self.rounded(dividend, dividedBy: divisor.unscaled), scale: decimals)
    }

    private func aligned(
        with other: DecimalText,
        _ operation: (Int128, Int128) -> (partialValue: Int128, overflow: Bool)
    ) -> DecimalText? {
        let common = max(scale, other.scale)
        guard let left = rescaled(to: common), let right = other.rescaled(to: common) else { return nil }
        let (result, overflow) = operation(left.unscaled, right.unscaled)
        return overflow ? nil : DecimalText(unscaled: result, scale: common)
    }

    private static func rounded(_ dividend: Int128, dividedBy divisor: Int128) -> Int128 {
        let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
        // Not `2 * remainder`: that may not fit.
        guard remainder.magnitude >= divisor.magnitude - remainder.magnitude else { return quotient }
        return quotient + ((dividend < 0) == (divisor < 0) ? 1 : -1)
    }
}
