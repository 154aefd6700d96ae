internal import Glibc
import LinearAlgebra
import Statistics

/// Breslow's baseline hazard of some rows at given coefficients, with what its influence needs.
struct BaselineSteps {
  /// The index among the distinct times of each event time, ascending.
  private(set) var time: [Int32] = []
  /// The hazard up to and including each event time.
  private(set) var hazard: [Double] = []
  /// The sum of hazard steps over the risk at risk.
  private(set) var square: [Double] = []
  /// The sum of hazard steps times the mean covariates at risk: steps × terms.
  private(set) var means: [[Double]] = []
  /// The risk at risk at each event time.
  private(set) var atRisk: [Double] = []

  /// `order` has the rows by ascending time, `risk` each row's weight times exp(η).
  init(
    _ times: SurvivalTimes, order: [Int32], risk: [Double], weights: [Double]?, x: Matrix
  ) {
    let p = x.columns
    var (sum, first) = (0.0, [Double](repeating: 0, count: p))
    var backwards: [(time: Int32, risk: Double, deaths: Double, mean: [Double])] = []
    var position = order.count
    while position > 0 {
      let index = times.timeIndex[Int(order[position - 1])]
      var deaths = 0.0
      while position > 0, times.timeIndex[Int(order[position - 1])] == index {
        let row = Int(order[position - 1])
        sum += risk[row]
        for j in 0..<p { first[j] += risk[row] * x[row, j] }
        if times.event[row] { deaths += weights?[row] ?? 1 }
        position -= 1
      }
      if deaths > 0 { backwards.append((index, sum, deaths, first.map { $0 / sum })) }
    }
    var (total, squares, moment) = (0.0, 0.0, [Double](repeating: 0, count: p))
    for step in backwards.reversed() {
      let jump = step.deaths / step.risk
      total += jump
      squares += jump / step.risk
      for j in 0..<p { moment[j] += jump * step.mean[j] }
      time.append(step.time)
      hazard.append(total)
      square.append(squares)
      means.append(moment)
      atRisk.append(step.risk)
    }
  }

  /// How many event times stand at or before a distinct time.
  func steps(to index: Int32) -> Int {
    var (low, high) = (0, time.count)
    while low < high {
      let middle = (low + high) / 2
      if time[middle] <= index { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

extension SurvivalTimes {
  /// The index of the last distinct time that is not after a time; −1 before the first.
  func index(notAfter time: Double) -> Int32 {
    Int32(distinct.partitionPoint { $0 <= time }) - 1
  }
}
