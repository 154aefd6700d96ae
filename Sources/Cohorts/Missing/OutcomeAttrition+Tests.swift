internal import LinearAlgebra
internal import Statistics

extension OutcomeAttrition {
  /// Joint Wald tests that an unknown outcome goes with arm, with covariates, with covariates differently
  /// in the two arms.
  func tests(
    _ evidence: OutcomeEvidence, _ unknown: [Double], _ counts: EvidenceCounts,
    _ notes: inout [String]
  ) -> [Row] {
    let rows = (0..<evidence.count).filter { evidence.isUsed($0) }
    let treated = evidence.treatment.map { $0 ? 1.0 : 0.0 }
    let names = evidence.covariateNames
    let products = evidence.covariates.map { zip($0, treated).map { $0 * $1 } }
    var found: [Row] = []
    func test(_ term: String, _ columns: [[Double]], _ labels: [String], _ tested: [String]) {
      let estimate = wald(evidence, unknown, rows, columns, labels, tested)
      switch estimate {
      case .success(let (test, joint)):
        var row = Row(
          part: .test, term: term, estimate: joint, treated: counts.treated,
          comparison: counts.comparison, unknownTreated: counts.unknownTreated,
          unknownComparison: counts.unknownComparison)
        row.restrictions = test
        found.append(row)
      case .failure(let error): notes.append("no test by \(term): \(error.message)")
      }
    }
    test("arm", [treated], ["arm"], ["arm"])
    guard !names.isEmpty else { return found }
    test("covariates", [treated] + evidence.covariates, ["arm"] + names, names)
    let crossed = names.map { "arm:" + $0 }
    test(
      "arm × covariates", [treated] + evidence.covariates + products, ["arm"] + names + crossed,
      crossed)
    return found
  }

  private func wald(
    _ evidence: OutcomeEvidence, _ unknown: [Double], _ rows: [Int], _ columns: [[Double]],
    _ names: [String], _ tested: [String]
  ) -> WaldOutcome {
    do throws(SiblingError) {
      let design =
        [[Double](repeating: 1, count: rows.count)]
        + columns.map { column in rows.map { column[$0] } }
      let fit = try LeastSquares().fit(
        DesignMatrix(
          matrix: Matrix(
            rows: rows.count, columns: design.count, storage: design.flatMap { $0 }),
          names: ["(Intercept)"] + names),
        response: rows.map { unknown[$0] },
        weights: evidence.weights.map { all in rows.map { all[$0] } })
      let kept = tested.filter { !fit.dropped.contains($0) }
      let estimator: CovarianceEstimator =
        evidence.cluster.map { .cluster(.cr1, [$0.selecting(rows).droppingUnusedLevels()]) }
        ?? .heteroskedastic(.hc1)
      let wald = try fit.wald(kept, covariance: estimator)
      return .success(
        (
          wald.degreesOfFreedom,
          Estimate(
            term: "", estimate: .nan, standardError: nil, statistic: wald.f,
            degreesOfFreedom: wald.denominator, pValue: wald.fPValue, interval: nil,
            convention: "Wald F, " + wald.convention)
        ))
    } catch {
      return .failure(error)
    }
  }

  private typealias WaldOutcome = Swift.Result<(Int, Estimate), SiblingError>

  /// Standardised differences of covariates, treated less comparison: among everybody, then among those
  /// whose outcome is known, both in the pooled standard deviation of everybody.
  func balance(_ evidence: OutcomeEvidence, _ counts: EvidenceCounts) -> [Row] {
    var known = counts
    known.treated -= counts.unknownTreated
    known.comparison -= counts.unknownComparison
    var rows: [Row] = []
    for (column, name) in zip(evidence.covariates, evidence.covariateNames) {
      let all = moments(column, evidence) { _ in true }
      let seen = moments(column, evidence) { evidence.isKnown($0) }
      let deviation = ((all.one.variance + all.zero.variance) / 2).squareRoot()
      for (label, part, own) in [
        ("\(name), everybody", all, counts), ("\(name), known", seen, known),
      ] {
        let value =
          deviation > 0 ? (part.one.mean - part.zero.mean) / deviation : .nan
        rows.append(
          Row(
            part: .balance, term: label,
            estimate: Estimate(
              term: label, estimate: value, standardError: nil, level: level,
              convention: "standardised difference"),
            treated: own.treated, comparison: own.comparison,
            unknownTreated: counts.unknownTreated, unknownComparison: counts.unknownComparison))
      }
    }
    return rows
  }

  private func moments(
    _ column: [Double], _ evidence: OutcomeEvidence, _ isIn: (Int) -> Bool
  ) -> (one: (mean: Double, variance: Double), zero: (mean: Double, variance: Double)) {
    func group(_ treated: Bool) -> (mean: Double, variance: Double) {
      var (sum, total, count) = (0.0, 0.0, 0.0)
      let rows = column.indices.filter {
        evidence.treatment[$0] == treated && evidence.isUsed($0) && isIn($0)
      }
      for row in rows {
        let weight = evidence.weights?[row] ?? 1
        sum += weight * column[row]
        total += weight
        count += 1
      }
      let mean = sum / total
      let squares = rows.reduce(0.0) {
        let gap = column[$1] - mean
        return $0 + (evidence.weights?[$1] ?? 1) * gap * gap
      }
      return (mean, count > 1 ? squares / total * count / (count - 1) : 0)
    }
    return (group(true), group(false))
  }
}
