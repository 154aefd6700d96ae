internal import Glibc
import LinearAlgebra
import Statistics

/// The efficient influence function of survival under either treatment.
///
/// With S and G a Cox model's survival and censoring curves in an arm and π the probability of the
/// arm, a row's value is S(t|x){1 − 1(in the arm)/π · ∫₀ᵗ dM(u)/(S(u|x)G(u−|x))}; its mean is the
/// estimate and its distance from that the influence.
struct RobustSlopes: CurveSlopes {
  private(set) var notes: [String] = []
  private let total: Double
  private let weights: [Double]?
  /// By treatment, then time: each row's value.
  private var values: [[[Double]]] = []
  private var means: [[Double]] = []

  private static let grid = 400

  init(
    _ follow: SurvivalTimes, treatment: [Bool], covariates: DesignMatrix, probability: [Double],
    weights: [Double]?, times: [Double]
  ) throws(SiblingError) {
    self.weights = weights
    total = weights?.reduce(0, +) ?? Double(follow.count)
    let design = StandardizedSlopes.centred(covariates)
    // Codes of time: events at 2k, censoring after them at 2k + 1, k on the grid.
    let step = (follow.distinct.count + Self.grid - 1) / Self.grid
    let cells = follow.timeIndex.map { Int($0) / step }
    let count = (follow.distinct.count + step - 1) / step
    if step > 1 {
      notes.append(
        "\(follow.distinct.count) distinct times are taken together in \(count) for the correction")
    }
    let wanted = times.map { (Int(follow.index(notAfter: $0)) + 1) / step }
    for isTreated in [false, true] {
      let rows = treatment.indices.filter { treatment[$0] == isTreated }
      let arm = try Models(
        rows: rows, cells: cells, count: count, follow, design, weights, &notes,
        name: isTreated ? "treated" : "comparisons")
      let share = probability.map { isTreated ? $0 : 1 - $0 }
      let all = Self.values(
        arm, follow, cells, isOwn: treatment.map { $0 == isTreated }, share, wanted: wanted)
      if Self.leastFree(arm, follow, rows, cells, before: wanted.last ?? 0) < 0.05 {
        notes.append(
          "among the \(isTreated ? "treated" : "comparisons") hardly anybody is uncensored at the last"
            + " times: estimates there rest on a few rows with large weights")
      }
      values.append(all)
      means.append(
        all.map { column in
          zip(column.indices, column).reduce(0) { $0 + (weights?[$1.0] ?? 1) * $1.1 } / total
        })
    }
  }

  func survival(treated: Bool) -> [Double] { means[treated ? 1 : 0] }

  func slope(at k: Int, treated: Bool) -> [Double] {
    let arm = treated ? 1 : 0
    return values[arm][k].map { ($0 - means[arm][k]) / total }
  }

  /// The least probability of being uncensored among the events that count.
  private static func leastFree(
    _ arm: Models, _ follow: SurvivalTimes, _ rows: [Int], _ cells: [Int], before end: Int
  ) -> Double {
    var sum = 0.0
    let before = arm.censorSteps.map { step in
      defer { sum += step }
      return sum
    }
    return rows.reduce(1.0) { least, row in
      guard follow.event[row], cells[row] < end else { return least }
      return Swift.min(least, exp(-before[cells[row]] * arm.censorRisk[row]))
    }
  }

  /// The hazards of event and censoring in one arm, by cell of time.
  private struct Models {
    var eventRisk: [Double]
    var eventSteps: [Double]
    var censorRisk: [Double]
    var censorSteps: [Double]

    init(
      rows: [Int], cells: [Int], count: Int, _ follow: SurvivalTimes, _ design: DesignMatrix,
      _ weights: [Double]?, _ notes: inout [String], name: String
    ) throws(SiblingError) {
      let part = design.selecting(rows: rows)
      let cases = weights.map { w in rows.map { w[$0] } }
      let n = design.rows
      // At the end of follow-up everybody leaves, whoever they are.
      let last = rows.reduce(0) { Swift.max($0, cells[$1]) }
      func hazards(
        _ isEvent: Bool, _ notes: inout [String]
      ) throws(SiblingError) -> (risk: [Double], steps: [Double]) {
        let times = try SurvivalTimes(
          time: rows.map { Double(2 * cells[$0] + (follow.event[$0] ? 0 : 1)) },
          event: rows.map { follow.event[$0] == isEvent && (isEvent || cells[$0] < last) },
          collapseTies: false)
        guard times.events > 0 else {
          return (
            [Double](repeating: 1, count: n), [Double](repeating: 0, count: count)
          )
        }
        var linear = [Double](repeating: 0, count: n)
        if design.columns > 0 {
          do throws(SiblingError) {
            let fit = try CoxRegression(ties: .breslow, robust: false).fit(
              times, part, weights: cases)
            guard fit.infiniteTerms.isEmpty else {
              throw SiblingError(.nonConvergence, "a coefficient runs to infinity")
            }
            linear = design.matrix.times(fit.coefficients.map { $0.isNaN ? 0 : $0 })
          } catch {
            notes.append(
              "the Cox model of \(isEvent ? "the event" : "censoring") among the \(name) can't be"
                + " fitted (\(error.message)): it is taken without covariates")
          }
        }
        let risk = linear.map { exp($0) }
        let own = rows.indices.map { risk[rows[$0]] * (cases?[$0] ?? 1) }
        let baseline = BaselineSteps(
          times, order: times.order, risk: own, weights: cases,
          x: Matrix(rows: rows.count, columns: 0))
        var steps = [Double](repeating: 0, count: count)
        var before = 0.0
        for (k, index) in baseline.time.enumerated() {
          steps[Int(times.distinct[Int(index)]) / 2] += baseline.hazard[k] - before
          before = baseline.hazard[k]
        }
        return (risk, steps)
      }
      (eventRisk, eventSteps) = try hazards(true, &notes)
      (censorRisk, censorSteps) = try hazards(false, &notes)
    }
  }

  /// Each row's value at each wanted time.
  private static func values(
    _ arm: Models, _ follow: SurvivalTimes, _ cells: [Int], isOwn: [Bool], _ share: [Double],
    wanted: [Int]
  ) -> [[Double]] {
    let n = cells.count
    let blocks = Parallel.ranges(of: n, size: 4_096)
    let result = Shared<Double>(count: n * wanted.count)
    Parallel.forBlocks(blocks.count) { block in
      for row in blocks[block] {
        let (risk, leaving) = (arm.eventRisk[row], arm.censorRisk[row])
        var (hazard, censoring, integral) = (0.0, 0.0, 0.0)
        var cell = 0
        for (k, end) in wanted.enumerated() {
          // Cells before `end` are at or before the wanted time.
          while cell < end {
            let jump = arm.eventSteps[cell] * risk
            hazard += jump
            if isOwn[row], cells[row] >= cell {
              // Free of censoring just before, as far as it is known here.
              let inverse = exp(hazard + censoring)
              if jump > 0 { integral -= jump * inverse }
              if cells[row] == cell, follow.event[row] { integral += inverse }
            }
            censoring += arm.censorSteps[cell] * leaving
            cell += 1
          }
          let survival = exp(-hazard)
          result.pointer[row + k * n] =
            survival * (isOwn[row] ? 1 - integral / share[row] : 1)
        }
      }
    }
    return wanted.indices.map { k in
      Array(UnsafeBufferPointer(start: result.pointer + k * n, count: n))
    }
  }
}
