/// A meta-regression without each site in turn.
extension MetaRegression {
  /// The coefficients without each site: a row a site left out, a number a coefficient; nil where they
  /// can't be had without it.
  ///
  /// Three sites are enough here, where two parameters are estimated, as it is a check and no estimate.
  /// - Throws: as `fit`.
  public func leavingOneOut(
    effects: [Double], standardErrors: [Double], design: DesignMatrix
  ) throws(SiblingError) -> [[Double]?] {
    _ = try system(effects, standardErrors, design)
    return effects.indices.map { site in
      guard
        let rest = try? MetaRegressionSystem.leavingOut(site, effects, standardErrors, design),
        rest.count > rest.columns
      else { return nil }
      var scratch = MetaRegressionSystem.Solution(columns: rest.columns)
      guard rest.variance(by: method, into: &scratch) != nil else { return nil }
      let values = rest.inTerms(scratch.coefficients)
      return values.allSatisfy(\.isFinite) ? values : nil
    }
  }
}
