internal import Glibc
import LinearAlgebra
import Statistics

/// The exact partial log-likelihood of tied times: the chance that, of the rows at risk, just those
/// had the event that did, given how many had it.
///
/// It is the likelihood of Cox's discrete model, a logistic model of each time given its number of
/// events; with one event a stratum it is that of matched sets. The sum over all sets of d rows is
/// the elementary symmetric function e_d of the risks. Adding a row of risk r to the sets puts it
/// into a set of k with the chance π = r/(r + e_k/e_{k−1}), so the mean and the covariance of the
/// covariates summed over a set follow by mixing: everything is a ratio, nothing overflows and
/// nothing cancels.
///
/// Cox (1972), doi:10.1111/j.2517-6161.1972.tb00899.x; Gail, Lubin & Rubinstein (1981),
/// doi:10.1093/biomet/68.3.703.
/// - Complexity: O(n d p²) for at most d events at one time; with left truncation the sum of that
///   over the risk sets.
final class ExactTies: SmoothObjective {
  private let data: CoxData
  private let state: CoxState
  private var remembered: (coefficients: [Double], value: ObjectiveValue)?
  /// Strata that one task works on.
  private let tasks: [[Range<Int>]]
  private let largest: Int

  /// Shares the state of the model, whose risks it uses.
  init(_ data: CoxData, _ state: CoxState) {
    self.data = data
    self.state = state
    var tasks: [[Range<Int>]] = []
    var work = Int.max
    for groups in data.sets.strataRanges {
      if work >= 8192 {
        tasks.append([])
        work = 0
      }
      tasks[tasks.count - 1].append(groups)
      work += data.sets.positions(of: groups).count
    }
    self.tasks = tasks
    largest = Int(data.sets.deaths.max() ?? 0)
  }

  func evaluate(at coefficients: [Double]) -> ObjectiveValue {
    if let remembered, remembered.coefficients == coefficients { return remembered.value }
    let value = evaluation(at: coefficients)
    remembered = (coefficients, value)
    return value
  }

  private func evaluation(at coefficients: [Double]) -> ObjectiveValue {
    let p = data.x.columns
    state.update(coefficients)
    let parts = Parallel.mapBlocks(tasks.count) { [data, state, tasks, largest] task in
      var sums = SetSums(columns: p, largest: largest)
      for groups in tasks[task] { sums.add(groups, of: data, state.risk.pointer) }
      return sums
    }
    var value = zip(coefficients, data.eventSum).reduce(state.eventOffset) { $0 + $1.0 * $1.1 }
    var gradient = data.eventSum
    var information = Matrix(rows: p, columns: p)
    for part in parts {
      value -= part.logarithm
      for j in 0..<p { gradient[j] -= part.mean[j] }
      var entry = 0
      for j in 0..<p {
        for i in 0...j {
          information[i, j] += part.covariance[entry]
          entry += 1
        }
      }
    }
    for j in 0..<p { for i in 0..<j { information[j, i] = information[i, j] } }
    return ObjectiveValue(
      value: value.isFinite ? value : -.infinity, gradient: gradient, information: information)
  }
}

/// Sums over event times of log e_d, and of the mean and covariance of a set's covariates.
private struct SetSums {
  private(set) var logarithm = 0.0
  private(set) var mean: [Double]
  /// The upper triangle, column after column.
  private(set) var covariance: [Double]
  private let p: Int
  private var family: SetFamily

  init(columns p: Int, largest: Int) {
    self.p = p
    family = SetFamily(largest: largest, columns: p)
    mean = [Double](repeating: 0, count: p)
    covariance = [Double](repeating: 0, count: p * (p + 1) / 2)
  }

  /// Adds one stratum.
  mutating func add(
    _ groups: Range<Int>, of data: CoxData, _ risk: UnsafePointer<Double>
  ) {
    let sets = data.sets
    // Sets larger than any time still to come has events are never asked for.
    var largest = [Int](repeating: 0, count: groups.count)
    var most = 0
    for g in groups.reversed() {
      most = Swift.max(most, Int(sets.deaths[g]))
      largest[g - groups.lowerBound] = most
    }
    family.clear()
    data.x.storage.withUnsafeBufferPointer { x in
      for g in groups {
        if let startGroup = sets.startGroup {
          family.clear()
          let all = Int(sets.begin[groups.lowerBound])..<Int(sets.end[g])
          for i in all where startGroup[i] > Int32(g) {
            family.add(i, risk[i], x, data.x.rows, upTo: Int(sets.deaths[g]))
          }
        } else {
          for i in Int(sets.begin[g])..<Int(sets.end[g]) {
            family.add(i, risk[i], x, data.x.rows, upTo: largest[g - groups.lowerBound])
          }
        }
        let d = Int(sets.deaths[g])
        for k in 1...d { logarithm += log(family.ratio[k]) }
        for j in 0..<p { mean[j] += family.mean[d * p + j] }
        let size = covariance.count
        for k in 0..<size { covariance[k] += family.covariance[d * size + k] }
      }
    }
  }
}

/// All sets of k of the rows added so far, for k up to a limit, each as likely as the product of its
/// rows' risks.
private struct SetFamily {
  /// e_k/e_{k−1}, from k = 1; infinite at 0.
  private(set) var ratio: [Double]
  /// The mean over sets of the covariates summed over a set.
  private(set) var mean: [Double]
  /// Their covariance, upper triangle.
  private(set) var covariance: [Double]
  private var count = 0
  private let p: Int
  private var shift: [Double]

  init(largest: Int, columns p: Int) {
    self.p = p
    ratio = [Double](repeating: 0, count: largest + 1)
    ratio[0] = .infinity
    mean = [Double](repeating: 0, count: (largest + 1) * p)
    covariance = [Double](repeating: 0, count: (largest + 1) * p * (p + 1) / 2)
    shift = [Double](repeating: 0, count: p)
  }

  mutating func clear() {
    for k in stride(from: 1, through: Swift.min(count, ratio.count - 1), by: 1) { ratio[k] = 0 }
    count = 0
  }

  @inline(__always)
  mutating func add(
    _ row: Int, _ risk: Double, _ x: UnsafeBufferPointer<Double>, _ stride: Int, upTo limit: Int
  ) {
    let (p, size) = (p, p * (p + 1) / 2)
    count += 1
    let top = Swift.min(limit, count)
    ratio.withUnsafeMutableBufferPointer { ratio in
      mean.withUnsafeMutableBufferPointer { mean in
        covariance.withUnsafeMutableBufferPointer { covariance in
          shift.withUnsafeMutableBufferPointer { shift in
            for k in Swift.stride(from: top, to: 0, by: -1) {
              let chance = risk / (ratio[k] + risk)
              let (own, less) = (k * p, (k - 1) * p)
              if k == count {
                // The first set of this size.
                for j in 0..<p { mean[own + j] = 0 }
                for entry in 0..<size { covariance[k * size + entry] = 0 }
              }
              for j in 0..<p { shift[j] = mean[less + j] + x[row + j * stride] - mean[own + j] }
              let (first, second) = (k * size, (k - 1) * size)
              var entry = 0
              for j in 0..<p {
                let scaled = chance * (1 - chance) * shift[j]
                for i in 0...j {
                  covariance[first + entry] +=
                    chance * (covariance[second + entry] - covariance[first + entry])
                    + scaled * shift[i]
                  entry += 1
                }
                mean[own + j] += chance * shift[j]
              }
              ratio[k] = (ratio[k] + risk) / (1 + risk / ratio[k - 1])
            }
          }
        }
      }
    }
  }
}
