import LinearAlgebra
import Statistics

/// Regression of the restricted time on covariates, by the inverse probability of being uncensored.
///
/// Tian, Zhao & Wei (2014), doi:10.1093/biostatistics/kxt050. The censoring distribution is the
/// Kaplan–Meier curve of each arm, read just after the time, and the variance carries its
/// estimation; the bread is that of the uncensored regression, as in the authors' software.
struct CensoredMeans {
  /// The restricted times, and the weights of those whose time is known.
  private(set) var response: [Double]
  private(set) var weights: [Double]
  private let arms: [ArraySlice<Int32>]
  private let cases: [Double]?

  init(
    _ times: SurvivalTimes, arms: [ArraySlice<Int32>], weights cases: [Double]?, tau: Double
  ) {
    response = times.time.map { Swift.min($0, tau) }
    weights = [Double](repeating: 0, count: response.count)
    (self.arms, self.cases) = (arms, cases)
    known = times.time.indices.map { times.event[$0] || times.time[$0] >= tau }
    for arm in arms {
      var free = 1.0
      walk(arm) { rows, atRisk, censored in
        if censored > 0 { free *= RiskSteps.surviving(atRisk, censored) }
        for row in rows where known[Int(row)] && free > 0 {
          weights[Int(row)] = (cases?[Int(row)] ?? 1) / free
        }
      }
    }
  }

  private let known: [Bool]

  /// Calls `body` with the rows that leave at each restricted time of an arm, earliest first.
  private func walk(
    _ arm: ArraySlice<Int32>, _ body: (ArraySlice<Int32>, Double, Double) -> Void
  ) {
    var atRisk = arm.reduce(0.0) { $0 + (cases?[Int($1)] ?? 1) }
    var start = arm.startIndex
    while start < arm.endIndex {
      let time = response[Int(arm[start])]
      var end = start
      var (leaving, censored) = (0.0, 0.0)
      while end < arm.endIndex, response[Int(arm[end])] == time {
        let row = Int(arm[end])
        leaving += cases?[row] ?? 1
        if !known[row] { censored += cases?[row] ?? 1 }
        end += 1
      }
      body(arm[start..<end], atRisk, censored)
      atRisk -= leaving
      start = end
    }
  }

  /// Each row's estimating function, with what the estimated censoring adds.
  func scores(_ design: Matrix, residuals: [Double]) -> Matrix {
    var result = Matrix(rows: design.rows, columns: design.columns)
    for j in 0..<design.columns {
      let column = design.column(j)
      let own = column.indices.map { weights[$0] * column[$0] * residuals[$0] }
      for arm in arms {
        // What is at or beyond a time counts in full.
        var beyond = arm.reduce(0.0) { $0 + own[Int($1)] }
        var drift = 0.0
        walk(arm) { rows, atRisk, censored in
          let jump = atRisk > 0 ? beyond / atRisk : 0
          if censored > 0 { drift += censored / atRisk * jump }
          for row in rows {
            let r = Int(row)
            result[r, j] = own[r] + (cases?[r] ?? 1) * ((known[r] ? 0 : jump) - drift)
          }
          for row in rows { beyond -= own[Int(row)] }
        }
      }
    }
    return result
  }
}
