/// What every method says of one coefficient when clusters are few, and how far they can be trusted.
public struct FewClusterTable: Sendable, Equatable {
  /// The methods, the smallest attainable p-value first; a refusal is a row without p-value and with a
  /// note.
  public var rows: [FewClusterRow]
  /// The regression's coefficient.
  public var estimate: Double
  /// The value under the null hypothesis.
  public var null: Double
  /// The confidence level.
  public var level: Double
  /// Rows used.
  public var observations: Int
  /// The names of the clusters.
  public var clusters: [String]
  /// Clusters that are treated in some period; nil where the term is no launch of whole clusters.
  public var treated: [String]?
  /// The estimate without each cluster, in the order of `clusters`; nil where it has none then.
  public var withoutCluster: [Double?]
  /// The share of the term's information that each cluster holds, adding up to one.
  public var shares: [Double]
  /// 1 / Σ share²: as many clusters of equal weight would hold the information as evenly.
  ///
  /// The cluster's share of the residualised term's sum of squares is its partial leverage (MacKinnon,
  /// Nielsen & Webb 2023, doi:10.1016/j.jeconom.2022.04.001).
  public var effectiveClusters: Double
  /// The effect that a two-sided test at 1 − level finds with a power of 80%, from the CR2 standard
  /// error and its degrees of freedom; nil without them.
  public var detectable: Double?
  /// How often each row's method rejects a true null at 1 − level, in the order of `rows`; empty
  /// without simulation.
  public var sizes: [FewClusterSize?]
  /// How outcomes were simulated.
  public var simulation: String?

  /// Methods whose two-sided test rejects the null at 1 − level, and those whose does not.
  public var verdicts: (reject: [String], keep: [String]) {
    var (reject, keep): ([String], [String]) = ([], [])
    for row in rows where row.method != "attainable-p" {
      guard let p = row.pValue else { continue }
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
