internal import Statistics

/// Which rows an effect is estimated on, how often each, and who belongs together.
enum EffectSample {
  /// Each row once with its weight; no clusters means heteroskedasticity-robust errors.
  case weighted([Double], clusters: [Factor], by: String)
  /// Each row once with its weight; errors are HC3, for strata too few and large to be clusters.
  case stratified([Double])
  /// Each row once for each matched set that it stands in, clustered by set and by unit.
  case repeated(Match)

  /// The rows laid out for a regression.
  struct Prepared {
    var rows: [Int]
    var treatment: [Bool]
    var outcome: [Double]
    var weights: [Double]
    var clusters: [Factor]
    var clusteredBy: String
    /// Whether errors without clusters are HC3 rather than HC1.
    var usesLeverage = false
    /// The rows of the study.
    var total: Int
    /// The one factor of clusters over all rows of the study; nil without.
    var allClusters: Factor?
    /// How the weights were estimated; nil when they are taken as known.
    var equations: WeightEquations?
  }

  func prepare(treatment: [Bool], outcome: [Double]) -> Prepared {
    switch self {
    case .weighted(let weights, let clusters, let name):
      let rows = weights.indices.filter { weights[$0] > 0 }
      return Prepared(
        rows: rows, treatment: rows.map { treatment[$0] }, outcome: rows.map { outcome[$0] },
        weights: rows.map { weights[$0] }, clusters: clusters.map { $0.selecting(rows) },
        clusteredBy: name, total: treatment.count,
        allClusters: clusters.count == 1 ? clusters[0] : nil)
    case .stratified(let weights):
      var prepared = EffectSample.weighted(weights, clusters: [], by: "")
        .prepare(treatment: treatment, outcome: outcome)
      prepared.usesLeverage = true
      return prepared
    case .repeated(let match):
      return Self.repeating(match, treatment, outcome)
    }
  }

  private static func repeating(
    _ match: Match, _ treatment: [Bool], _ outcome: [Double]
  ) -> Prepared {
    let focalIsTreated = match.estimand != .atc
    var sizes = [Double](repeating: 0, count: match.pairs.last?.set ?? 0)
    for pair in match.pairs { sizes[pair.set - 1] += 1 }
    var rows: [Int] = []
    var weights: [Double] = []
    var sets: [Int32] = []
    var last = 0
    for pair in match.pairs {
      let focal = focalIsTreated ? pair.treatedRow : pair.comparisonRow
      if pair.set != last {
        rows.append(focal)
        weights.append(1)
        sets.append(Int32(pair.set - 1))
        last = pair.set
      }
      rows.append(focalIsTreated ? pair.comparisonRow : pair.treatedRow)
      weights.append(1 / sizes[pair.set - 1])
      sets.append(Int32(pair.set - 1))
    }
    var codeOf = [Int32](repeating: -1, count: treatment.count)
    var units: Int32 = 0
    let unitCodes = rows.map { row -> Int32 in
      if codeOf[row] < 0 {
        codeOf[row] = units
        units += 1
      }
      return codeOf[row]
    }
    return Prepared(
      rows: rows, treatment: rows.map { treatment[$0] }, outcome: rows.map { outcome[$0] },
      weights: weights,
      clusters: [
        Factor(codes: sets, levels: sizes.indices.map { "\($0 + 1)" }),
        Factor(codes: unitCodes, levels: (0..<units).map { "\($0 + 1)" }),
      ],
      clusteredBy: "matched set and unit", total: treatment.count)
  }
}
