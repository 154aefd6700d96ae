/// P-values adjusted for being several, so that the chance of any false alarm keeps to its level.
///
/// Holm, S. (1979), Scandinavian Journal of Statistics 6(2), 65–70: valid whatever their dependence.
public enum HolmAdjustment {
  /// The adjusted p-values in the order given; nil stays nil and counts for nothing.
  public static func adjusted(_ pValues: [Double?]) -> [Double?] {
    let known = pValues.indices.filter { pValues[$0] != nil }
    let order = known.sorted { ((pValues[$0] ?? 1), $0) < ((pValues[$1] ?? 1), $1) }
    var result = [Double?](repeating: nil, count: pValues.count)
    var highest = 0.0
    for (rank, place) in order.enumerated() {
      highest = max(highest, min(1, Double(known.count - rank) * (pValues[place] ?? 1)))
      result[place] = highest
    }
    return result
  }
}
