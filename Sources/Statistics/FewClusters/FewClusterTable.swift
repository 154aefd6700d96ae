/// What every method says of one coefficient when clusters are few, and how far they can be trusted.
public struct FewClusterTable: Sendable, Equatable {
  /// The methods, the smallest attainable p-value first; a refusal is a row without p-value and with a
  /// note.
  public var rows: [FewClusterRow]
  /// The value under the null hypothesis.
  public var null: Double
  /// The confidence level.
  public var level: Double
  /// Rows used.
  public var observations: Int
  /// How much each cluster weighs, what leaving it out does, and the effective number of clusters.
  public var leverage: ClusterLeverage
  /// Clusters that are treated in some period; nil where the term is no launch of whole clusters.
  public var treated: [String]?
  /// The effect that a two-sided test at 1 − level finds with a power of 80%, from the CR2 standard
  /// error and its degrees of freedom; nil without them.
  public var detectable: Double?
  /// How often each row's method rejects a true null at 1 − level, in the order of `rows`; empty
  /// without simulation.
  public var sizes: [FewClusterSize?]
  /// How outcomes were simulated.
  public var simulation: String?

  /// The regression's coefficient.
  public var estimate: Double { leverage.estimate }

  /// Methods whose two-sided test rejects the null at 1 − level, and those whose does not.
  public var verdicts: (reject: [String], keep: [String]) {
    var (reject, keep): ([String], [String]) = ([], [])
    for row in rows where row.method != "attainable-p" {
      guard let p = row.pValueWithTies ?? row.pValue else { continue }
      if p <= (1 - level) * (1 + 1e-12) {
        if !reject.contains(row.method) { reject.append(row.method) }
      } else if !keep.contains(row.method) {
        keep.append(row.method)
      }
    }
    return (reject, keep)
  }

  /// Whether methods stand on both sides of the test's level.
  public var disagrees: Bool { !verdicts.reject.isEmpty && !verdicts.keep.isEmpty }
}

/// How often a method rejected a true null hypothesis in simulations.
public struct FewClusterSize: Sendable, Equatable {
  /// Rejections.
  public var rejections: Int
  /// Simulated samples for which the method had a p-value.
  public var samples: Int

  /// The share of rejections.
  public var rate: Double { Double(rejections) / Double(samples) }
  /// The Monte-Carlo standard error of the share.
  public var standardError: Double { (rate * (1 - rate) / Double(samples)).squareRoot() }
}
