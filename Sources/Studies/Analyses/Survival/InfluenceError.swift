internal import Matching
internal import Statistics

/// How the influence of each row of a sample becomes a standard error.
///
/// Any estimate that is a smooth function of the rows' weights has an influence of weight × derivative.
/// Influences are carried through the equations that the weights were estimated by, summed within
/// clusters or matched sets, and squared; there is no small-sample factor, as for robust survival
/// variances everywhere in this house.
struct InfluenceError: Sendable {
  /// The weight of each row.
  var weights: [Double]
  /// How the weights depend on what was fitted; nil takes them as known.
  var equations: WeightEquations?
  /// Who belongs together; nil for rows on their own.
  var units: Factor?
  /// What the units are called.
  var noun: String
  /// The match whose rows stand in several sets; nil otherwise.
  var reused: Match?

  /// The error of a sample: by cluster, or else by matched set.
  init(_ sample: MatchedSample, cluster: Factor?, equations: WeightEquations?) {
    weights = sample.weights
    self.equations = equations
    let isPlain = cluster == nil && sample.bound.weights == nil
    reused = isPlain && sample.match?.allowsReuse == true ? sample.match : nil
    units = cluster ?? sample.match?.pairedSets
    noun = cluster != nil ? "cluster" : "matched set"
  }

  /// An error of rows on their own, or by cluster, with weights that are known.
  init(weights: [Double], cluster: Factor?) {
    (self.weights, units, noun) = (weights, cluster, "cluster")
  }

  /// Clusters or matched sets in which a row has a part.
  var count: Int? {
    if let reused { return reused.pairs.last?.set }
    guard let units else { return nil }
    var isUsed = [Bool](repeating: false, count: units.levels.count)
    for (row, code) in units.codes.enumerated() where code >= 0 {
      if equations != nil || weights[row] > 0 { isUsed[Int(code)] = true }
    }
    return isUsed.count { $0 }
  }

  /// `M-estimation, weights estimated, by cluster, G=12, z`.
  var words: String {
    let by =
      reused != nil
      ? ", by matched set and unit" : units != nil ? ", by \(noun), G=\(count ?? 0)" : ""
    return
      (equations != nil ? "M-estimation, weights estimated" : "robust, weights taken as known")
      + by + ", z"
  }

  /// What is said of few clusters.
  var note: String? {
    guard let count, count < 40 else { return nil }
    return "there are only \(count) \(noun)s: standard errors and the normal reference distribution"
      + " are unreliable below about 40 (Cameron and Miller 2015)"
  }

  /// Each row's influence on an estimate with these derivatives in the weights.
  ///
  /// - Throws: `rankDeficient` when the weights' equations can't be solved.
  func influence(_ slope: [Double]) throws(SiblingError) -> [Double] {
    if let equations { return try equations.influence(slope: slope, weights: weights) }
    return zip(weights, slope).map { $0 * $1 }
  }

  /// The standard error of an estimate with these derivatives in the weights; nil where there is none.
  ///
  /// - Throws: `tooFewClusters` for a single cluster; `missingValue` for a row without one;
  ///   `rankDeficient` when the weights' equations can't be solved.
  func standardError(_ slope: [Double]) throws(SiblingError) -> Double? {
    guard !slope.isEmpty else { return nil }
    let influence = try influence(slope)
    let variance: Double
    if let reused {
      variance = Self.variance(influence, reused)
    } else if let units {
      guard (count ?? 0) > 1 else {
        throw SiblingError(
          .tooFewClusters, "there is only one \(noun), so its standard error cannot be estimated",
          help: "cluster by a finer unit", column: "cluster")
      }
      var sums = [Double](repeating: 0, count: units.levels.count)
      for (row, code) in units.codes.enumerated() where influence[row] != 0 {
        guard code >= 0 else {
          throw SiblingError(
            .missingValue, "a row has no \(noun)", help: "drop rows whose cluster is missing",
            row: row, column: "cluster")
        }
        sums[Int(code)] += influence[row]
      }
      variance = sums.reduce(0) { $0 + $1 * $1 }
    } else {
      variance = influence.reduce(0) { $0 + $1 * $1 }
    }
    return variance > 0 && variance.isFinite ? variance.squareRoot() : nil
  }

  /// The variance by set and by unit, of rows that share their influence among their sets.
  private static func variance(_ influence: [Double], _ match: Match) -> Double {
    let focalIsTreated = match.estimand != .atc
    var sizes = [Double](repeating: 0, count: match.pairs.last?.set ?? 0)
    for pair in match.pairs { sizes[pair.set - 1] += 1 }
    var shares = [Double](repeating: 0, count: influence.count)
    for pair in match.pairs {
      shares[focalIsTreated ? pair.comparisonRow : pair.treatedRow] += 1 / sizes[pair.set - 1]
    }
    var sums = [Double](repeating: 0, count: sizes.count)
    var both = 0.0
    var last = 0
    for pair in match.pairs {
      let (focal, other) =
        focalIsTreated
        ? (pair.treatedRow, pair.comparisonRow) : (pair.comparisonRow, pair.treatedRow)
      if pair.set != last {
        sums[pair.set - 1] += influence[focal]
        both += influence[focal] * influence[focal]
        last = pair.set
      }
      let part = influence[other] / (sizes[pair.set - 1] * shares[other])
      sums[pair.set - 1] += part
      both += part * part
    }
    let bySet = sums.reduce(0) { $0 + $1 * $1 }
    let byUnit = influence.reduce(0) { $0 + $1 * $1 }
    return bySet + byUnit - both
  }
}
