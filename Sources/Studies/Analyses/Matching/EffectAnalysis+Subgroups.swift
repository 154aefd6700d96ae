internal import LinearAlgebra
internal import Matching
internal import Statistics
internal import Tables

extension EffectAnalysis {
  /// A level with fewer than this many rows of either group is said to have few.
  private static let fewRows = 10

  /// The effect in everybody and in each level of a column, and the joint test that levels agree.
  ///
  /// - Throws: what is wrong with the outcome or the column; `badDesign` for a column of one level.
  func subgroupEffects(
    on sample: MatchedSample, by column: String, analysis: String = "effect"
  ) throws(SiblingError) -> (rows: [EffectRow], notes: [String]) {
    let factor = try sample.bound.frame.factor(of: column).droppingUnusedLevels()
    guard factor.levels.count > 1 else {
      throw SiblingError(
        .badDesign, "the subgroup column '\(column)' has one level", column: column)
    }
    guard factor.levels.count <= 100 else {
      throw SiblingError(
        .badDesign, "the subgroup column '\(column)' has \(factor.levels.count) levels",
        help: "cut it into groups with --derive first", column: column)
    }
    let weights = method.ownDesign == nil ? sample.weights : sample.bound.weights
    var notes: [String] = []
    var levels: [String] = []
    var parts: [[Bool]?] = [nil]
    for (code, level) in factor.levels.enumerated() {
      let mask = factor.codes.map { $0 == Int32(code) }
      let counts = [true, false].map { group in
        mask.indices.count {
          mask[$0] && sample.treated[$0] == group && (weights?[$0] ?? 1) > 0
        }
      }
      guard counts.allSatisfy({ $0 > 1 }) else {
        notes.append(
          "\(column)=\(level) has \(counts[0]) treated and \(counts[1]) comparisons left: too few"
            + " for an effect, so it is left out")
        continue
      }
      if counts.contains(where: { $0 < Self.fewRows }) {
        notes.append(
          "\(column)=\(level) has only \(counts[0]) treated and \(counts[1]) comparisons: its effect"
            + " and standard error are unreliable")
      }
      levels.append(level)
      parts.append(mask)
    }
    if let crossing = crossingPairs(sample, factor), crossing > 0 {
      notes.append(
        "\(crossing) matched pairs cross levels of \(column); match exactly on it (--exact"
          + " \(column)) to compare like with like within each")
    }
    let result = try effects(on: sample, within: parts)
    var rows = zip([nil] + levels, result.estimates).map { level, effect in
      var row = row(effect, analysis: analysis)
      row.subgroup = level
      return row
    }
    notes += result.notes
    for effect in result.estimates {
      for note in effect.notes where !notes.contains(note) { notes.append(note) }
    }
    guard levels.count > 1 else {
      notes.append("only one level of \(column) has an effect, so levels can't be compared")
      return (rows, notes)
    }
    let own = Array(result.estimates.dropFirst())
    // An estimator that makes its own comparison knows nothing of matched sets.
    let sets = method.ownDesign == nil ? sample.match?.pairedSets : nil
    let covariance =
      result.covariance.map { full in full.dropFirst().map { Array($0.dropFirst()) } }
      ?? Self.covariance(own, units: result.columns.cluster ?? sets)
    if let test = Self.interaction(own, levels, covariance) {
      var row = row(result.estimates[0], analysis: analysis)
      row.estimate = Estimate(
        term: "interaction", estimate: .nan, standardError: nil, statistic: test.chiSquared,
        degreesOfFreedom: Double(test.degreesOfFreedom), pValue: test.pValue, interval: nil,
        convention:
          "Wald, chi-squared with \(test.degreesOfFreedom) df, that effects are equal across levels of \(column)"
      )
      rows.append(row)
    } else {
      notes.append("effects across levels of \(column) can't be compared: a standard error lacks")
    }
    return (rows, notes)
  }

  /// Pairs whose rows have different levels; nil without pairs.
  private func crossingPairs(_ sample: MatchedSample, _ factor: Factor) -> Int? {
    guard method.ownDesign == nil, let match = sample.match, !match.pairs.isEmpty else {
      return nil
    }
    return match.pairs.count {
      factor.codes[$0.treatedRow] != factor.codes[$0.comparisonRow]
    }
  }

  /// The covariance of effects in parts of one sample.
  ///
  /// Standard errors, with the correlation that the influences have within clusters. Effects
  /// without influences share no rows.
  private static func covariance(_ effects: [EffectEstimate], units: Factor?) -> [[Double]]? {
    let errors = effects.compactMap(\.estimate.standardError)
    guard errors.count == effects.count else { return nil }
    let influences = effects.compactMap(\.influence)
    var correlation = Matrix.identity(effects.count)
    if influences.count == effects.count {
      let sums = influences.map { influence -> [Double] in
        guard let units else { return influence }
        var sums = [Double](repeating: 0, count: units.levels.count)
        for (row, code) in units.codes.enumerated() where code >= 0 {
          sums[Int(code)] += influence[row]
        }
        return sums
      }
      let product = Gram.product(Matrix(columns: sums))
      for i in effects.indices {
        for j in effects.indices where i != j {
          let size = (product[i, i] * product[j, j]).squareRoot()
          correlation[i, j] = size > 0 ? product[i, j] / size : 0
        }
      }
    }
    return effects.indices.map { i in
      effects.indices.map { j in correlation[i, j] * errors[i] * errors[j] }
    }
  }

  /// The Wald test that all effects equal the first.
  private static func interaction(
    _ effects: [EffectEstimate], _ levels: [String], _ covariance: [[Double]]?
  ) -> WaldTest? {
    guard let covariance else { return nil }
    let values = effects.map(\.onErrorScale)
    let others = Array(1..<effects.count)
    var differences = Matrix(rows: others.count, columns: others.count)
    for (i, a) in others.enumerated() {
      for (j, b) in others.enumerated() {
        differences[i, j] =
          covariance[a][b] - covariance[a][0] - covariance[0][b] + covariance[0][0]
      }
    }
    return try? WaldTest(
      terms: others.map { levels[$0] }, deviations: others.map { values[$0] - values[0] },
      covariance: differences, denominator: nil, convention: "Wald")
  }
}
