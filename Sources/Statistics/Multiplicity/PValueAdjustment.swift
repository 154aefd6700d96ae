/// P-values adjusted for being several, by the usual methods that need nothing but the p-values.
///
/// The first three keep the chance of any false alarm to its level; the last two keep the expected share of
/// false ones among those called a finding.
public enum PValueAdjustment: String, Sendable, CaseIterable {
  /// Holm, S. (1979), Scandinavian Journal of Statistics 6(2), 65–70: whatever their dependence.
  case holm
  /// Each p-value times their number.
  case bonferroni
  /// Hochberg, Y. (1988), doi:10.1093/biomet/75.4.800: independent or positively dependent p-values.
  case hochberg
  /// Benjamini, Y. and Hochberg, Y. (1995), doi:10.1111/j.2517-6161.1995.tb02031.x: the share of false
  /// findings, for independent or positively dependent p-values.
  case benjaminiHochberg = "bh"
  /// Benjamini, Y. and Yekutieli, D. (2001), doi:10.1214/aos/1013699998: that share whatever their dependence.
  case benjaminiYekutieli = "by"

  /// The adjusted p-values in the order given; nil stays nil and counts for nothing.
  ///
  /// - Complexity: O(n log n).
  public func adjusted(_ pValues: [Double?]) -> [Double?] {
    let known = pValues.compactMap { $0 }
    let n = Double(known.count)
    switch self {
    case .holm: return HolmAdjustment.adjusted(pValues)
    case .bonferroni: return pValues.map { $0.map { min(1, n * $0) } }
    case .hochberg: return stepUp(pValues) { rank in n - Double(rank) + 1 }
    case .benjaminiHochberg: return stepUp(pValues) { rank in n / Double(rank) }
    case .benjaminiYekutieli:
      let harmonic = stride(from: known.count, through: 1, by: -1).reduce(0.0) {
        $0 + 1 / Double($1)
      }
      return stepUp(pValues) { rank in harmonic * n / Double(rank) }
    }
  }

  /// Each p-value times a factor of its rank from below, and none above those of greater p-values.
  private func stepUp(_ pValues: [Double?], _ factor: (Int) -> Double) -> [Double?] {
    let order = pValues.indices.filter { pValues[$0] != nil }.sorted {
      ((pValues[$0] ?? 1), $0) < ((pValues[$1] ?? 1), $1)
    }
    var result = [Double?](repeating: nil, count: pValues.count)
    var least = 1.0
    for (place, index) in order.enumerated().reversed() {
      least = min(least, factor(place + 1) * (pValues[index] ?? 1))
      result[index] = least
    }
    return result
  }
}
