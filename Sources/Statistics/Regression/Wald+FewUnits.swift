extension WaldTest {
  /// The p-value of a comparison of two groups of few units; nil where they are too few.
  ///
  /// A covariance that few units tell is uncertain itself, the more so the more coefficients there are: χ² and
  /// the usual F then find differences where there are none. F·(ν − k + 1)/ν is held against F with q and
  /// ν − k + 1 degrees of freedom, as Hotelling's T² is; ν is that of the difference of two means of unlike
  /// variance (Nel and van der Merwe 1986, doi:10.1080/03610928608829342), a reference that Tipton and
  /// Pustejovsky (2015, doi:10.3102/1076998615606099) use for cluster-robust covariances. `atOnce` is k, how
  /// many of the coefficients the same units tell; all of them unless said otherwise. With ν < 2k hardly
  /// anything could be found, and there is no test.
  public func fewUnitsPValue(_ units: Int, against others: Int, atOnce: Int? = nil) -> Double? {
    guard units > 1, others > 1 else { return nil }
    let (one, two) = (1 / Double(units), 1 / Double(others))
    let free =
      (one + two) * (one + two)
      / (one * one / Double(units - 1) + two * two / Double(others - 1))
    let count = Double(atOnce ?? degreesOfFreedom)
    guard free >= 2 * count else { return nil }
    let left = free - count + 1
    return FDistribution(numerator: Double(degreesOfFreedom), denominator: left)
      .upperTail(f * left / free)
  }
}
