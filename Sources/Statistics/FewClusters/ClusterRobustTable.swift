internal import LinearAlgebra

/// Cluster-robust tests of one coefficient side by side: CR0, CR1, CR2 and the three CR3.
///
/// CR0 is the plain sandwich (Liang & Zeger 1986, doi 10.1093/biomet/73.1.13) against the normal
/// distribution; CR1 has the factor G/(G − 1)·(N − 1)/(N − K) and t(G − 1), K without effects nested
/// in the clusters; CR2 is Bell & McCaffrey's with Satterthwaite's degrees of freedom, on the
/// regression with all effects as columns (Pustejovsky & Tipton 2018,
/// doi 10.1080/07350015.2016.1247004); CR3 is the jackknife Σ(β₍g₎ − β̂)² against t(G − 1), times
/// (G − 1)/G, 1 or G/(G − 1)·(N − 1)/(N − K): three factors are in use under one name.
public struct ClusterRobustTable: Sendable, Equatable {
  /// The coefficient's value under the null hypothesis.
  public var null: Double
  /// The level of the intervals.
  public var level: Double

  /// The tests of a null hypothesis.
  public init(null: Double = 0, level: Double = 0.95) {
    self.null = null
    self.level = level
  }

  /// The rows `CR0`, `CR1`, `CR2` and `CR3` thrice.
  ///
  /// Where one cluster alone identifies the term, CR2 and CR3 have no number and their notes say so.
  /// - Throws: `rankDeficient` where the term is explained by others; `tooFewObservations`;
  ///   `invalidOption` for effects of too many levels, or a null or level that is no number.
  /// - Complexity: O(nK²) and O(GK³), K with the effects that cross clusters.
  public func rows(_ sample: FewClusterSample) throws(SiblingError) -> [FewClusterRow] {
    guard null.isFinite, level > 0, level < 1 else {
      throw SiblingError(
        .invalidOption, "The null must be a number and the level between 0 and 1.",
        help: "For example a null of 0 and a level of 0.95.")
    }
    let regression = try ClusterRegression(sample)
    let place = try regression.place(of: sample)
    let blocks = regression.blocks
    let (g, n) = (Double(blocks.count), Double(regression.observations))
    let factor = g / (g - 1) * (n - 1) / (n - Double(regression.parameters))
    let direction = blocks.direction(place)
    let plain = (0..<blocks.count).reduce(0.0) { sum, cluster in
      var effect = 0.0
      for i in direction.indices { effect += direction[i] * blocks.scores[i, cluster] }
      return sum + effect * effect
    }
    let estimate = regression.coefficient(place)
    var rows = [
      row("CR0", "no factor, normal", estimate, plain, nil),
      row(
        "CR1", "G/(G-1)(N-1)/(N-K), K = \(regression.parameters), t(\(blocks.count - 1))",
        estimate, plain * factor, g - 1),
    ]
    try rows.append(biasReduced(sample, regression, place, estimate))
    let jackknife = try BiasReducedCovariance(blocks, isJackknife: true, places: [place])
    if jackknife.aloneIn[0] != nil {
      // The cluster's residuals are fitted away where the term needs them: far too small, or zero.
      for place in rows.indices where rows[place].method.hasPrefix("CR") {
        rows[place] = FewClusterRow(
          method: rows[place].method, convention: rows[place].convention, estimate: estimate,
          note: Self.alone)
      }
    }
    let reference = "t(\(blocks.count - 1))"
    for (name, multiplier) in [
      ("(G-1)/G", (g - 1) / g), ("factor 1", 1),
      ("G/(G-1)(N-1)/(N-K), K = \(regression.parameters)", factor),
    ] {
      let convention = "jackknife about the estimate, \(name), \(reference)"
      if jackknife.aloneIn[0] != nil {
        rows.append(
          FewClusterRow(
            method: "CR3", convention: convention, estimate: estimate, note: Self.alone))
      } else {
        rows.append(
          row("CR3", convention, estimate, jackknife.matrix[place, place] * multiplier, g - 1))
      }
    }
    return rows
  }

  private func biasReduced(
    _ sample: FewClusterSample, _ regression: ClusterRegression, _ place: Int, _ estimate: Double
  ) throws(SiblingError) -> FewClusterRow {
    // With weights effects nested in clusters can't be removed first; see ClusterRegression.
    let needsAll = sample.weights != nil && !sample.absorbed.isEmpty
    let used = needsAll ? try ClusterRegression(sample, keepsNested: true) : regression
    let own = needsAll ? try used.place(of: sample) : place
    let result = try BiasReducedCovariance(used.blocks, isJackknife: false, places: [own])
    let name =
      "Bell-McCaffrey, Satterthwaite df"
      + (sample.absorbed.isEmpty ? "" : ", all effects as columns")
    if result.aloneIn[0] != nil {
      return FewClusterRow(
        method: "CR2", convention: name, estimate: estimate, note: Self.alone)
    }
    return row("CR2", name, estimate, result.matrix[own, own], result.degrees[0])
  }

  private func row(
    _ method: String, _ convention: String, _ estimate: Double, _ variance: Double,
    _ degrees: Double?
  ) -> FewClusterRow {
    let tested = Estimate(
      term: method, estimate: estimate, standardError: variance.squareRoot(),
      degreesOfFreedom: degrees, null: null, level: level, convention: convention)
    return FewClusterRow(
      method: method, convention: convention, estimate: estimate,
      standardError: tested.standardError, degreesOfFreedom: degrees,
      statistic: tested.statistic, pValue: tested.pValue, interval: tested.interval,
      note: tested.statistic == nil ? "the standard error is zero: the model fits exactly" : nil)
  }

  /// Why a leverage of one has no number.
  static let alone =
    "the term can't be estimated without one of the clusters: that cluster's leverage is one, and"
    + " this standard error does not exist"
}

extension ClusterRegression {
  /// The coefficient at a place among the kept columns.
  func coefficient(_ place: Int) -> Double {
    places.firstIndex(of: place).map { coefficients[$0] } ?? .nan
  }
}
