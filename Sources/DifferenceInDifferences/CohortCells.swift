internal import LinearAlgebra
internal import Statistics

/// Unit effects and a mean for each group and period, fitted together.
///
/// Groups share nothing, so each has its own system of T periods once units are eliminated: a
/// Laplacian, of which one period a connected component is held at zero. Balanced, unbalanced and
/// weighted panels are the same to it.
struct CohortCells: Sendable {
  let sample: CohortSample
  /// For each group the weight in each period.
  let totals: [[Double]]
  /// For each group the rows in each period.
  let counts: [[Int]]
  /// For each group and period the root of its connected component, −1 where there is no row.
  let roots: [[Int]]
  /// For each group the inverse of its grounded system, zero in the rows held.
  let inverses: [Matrix]
  /// Connected components of all groups.
  let components: Int
  /// The cells whose effects are identified.
  let cells: [Cell]
  let notes: [String]

  struct Cell: Sendable {
    var group: Int
    var period: Int
    var weight: Double
    var rows: Int
  }

  init(_ sample: CohortSample, _ panel: PanelDesign) throws(SiblingError) {
    self.sample = sample
    let t = sample.periods.count
    let sums = sample.sums(t * t + 2 * t) { units, sums in
      Self.system(sample, units, t, sums)
    }
    totals = sums.map { Array($0[(t * t)..<(t * t + t)]) }
    counts = sums.map { $0[(t * t + t)...].map { Int($0) } }
    let found = sums.map { Self.roots(Array($0[0..<(t * t)]), $0[(t * t + t)...].map { $0 > 0 }) }
    roots = found
    var inverses: [Matrix] = []
    for (group, sum) in sums.enumerated() {
      let system = Matrix(rows: t, columns: t, storage: Array(sum[0..<(t * t)]))
      inverses.append(try Self.inverse(system, found[group]))
    }
    self.inverses = inverses
    components = found.reduce(0) { $0 + Set($1.filter { $0 >= 0 }).count }
    let reference = sample.groups - 1
    var cells: [Cell] = []
    var lost: [String] = []
    for group in 0..<reference {
      let base = sample.base[group]
      for period in 0..<t where period != base && counts[group][period] > 0 {
        let isIdentified =
          found[group][period] == found[group][base]
          && found[reference][period] >= 0
          && found[reference][period] == found[reference][base]
        if isIdentified {
          cells.append(
            Cell(
              group: group, period: period, weight: totals[group][period],
              rows: counts[group][period]))
        } else {
          lost.append(
            "ATT(\(PanelDesign.label(sample.starts[group])),"
              + "\(PanelDesign.label(sample.periods[period])))")
        }
      }
    }
    self.cells = cells
    notes =
      lost.isEmpty
      ? []
      : [
        lost.joined(separator: ", ")
          + ": no unit links these periods with the one before treatment, in the cohort or in the"
          + " reference; not identified and left out."
      ]
    guard cells.contains(where: { sample.periods[$0.period] >= sample.starts[$0.group] }) else {
      throw SiblingError(
        .badDesign, "No effect after treatment can be told from unit and period effects.",
        help: "Check that treated and reference units are seen before and after treatment begins.")
    }
  }

  /// A cell's contrast of period means: (t − base) of its cohort less that of the reference.
  func contrast(_ cell: Cell, of group: Int) -> [Double] {
    var weights = [Double](repeating: 0, count: sample.periods.count)
    guard group == cell.group || group == sample.groups - 1 else { return weights }
    let sign = group == cell.group ? 1.0 : -1.0
    weights[cell.period] += sign
    weights[sample.base[cell.group]] -= sign
    return weights
  }

  /// Each cell's effect from the groups' period means.
  func effects(_ means: [[Double]]) -> [Double] {
    let reference = means[sample.groups - 1]
    return cells.map { cell in
      let base = sample.base[cell.group]
      return (means[cell.group][cell.period] - means[cell.group][base])
        - (reference[cell.period] - reference[base])
    }
  }

  /// Σ over units of diag(w) − ww′/Σw, then Σw, then rows, by period.
  private static func system(
    _ sample: CohortSample, _ units: Range<Int>, _ t: Int,
    _ sums: UnsafeMutableBufferPointer<Double>
  ) {
    sample.withRows { period, weights, starts in
      var complete = 0.0
      for unit in units {
        let range = starts[unit]..<starts[unit + 1]
        if weights == nil, range.count == t {
          complete += 1
          continue
        }
        var total = 0.0
        for place in range { total += weights?[place] ?? 1 }
        for i in range {
          let (own, level) = (weights?[i] ?? 1, Int(period[i]))
          sums[level * t + level] += own
          sums[t * t + level] += own
          sums[t * t + t + level] += 1
          for j in range {
            sums[level * t + Int(period[j])] -= own * (weights?[j] ?? 1) / total
          }
        }
      }
      for level in 0..<t where complete > 0 {
        sums[level * t + level] += complete
        sums[t * t + level] += complete
        sums[t * t + t + level] += complete
        for other in 0..<t { sums[level * t + other] -= complete / Double(t) }
      }
    }
  }

  /// The components of periods that units link, by their first period.
  private static func roots(_ system: [Double], _ present: [Bool]) -> [Int] {
    let t = present.count
    var root = present.map { $0 ? 0 : -1 }
    var isDone = [Bool](repeating: false, count: t)
    for first in 0..<t where present[first] && !isDone[first] {
      var open = [first]
      isDone[first] = true
      while let period = open.popLast() {
        root[period] = first
        for other in 0..<t where !isDone[other] && system[period * t + other] < 0 {
          isDone[other] = true
          open.append(other)
        }
      }
    }
    return root
  }

  private static func inverse(_ system: Matrix, _ roots: [Int]) throws(SiblingError) -> Matrix {
    let free = roots.indices.filter { roots[$0] >= 0 && roots[$0] != $0 }
    var result = Matrix(rows: roots.count, columns: roots.count)
    guard !free.isEmpty else { return result }
    guard let factor = try? Cholesky(system.selecting(both: free)) else {
      throw SiblingError(
        .nonConvergence, "The cohorts' period effects could not be told apart.",
        help: "Weights of very different size can do this; rescale or drop the smallest.")
    }
    let inverse = factor.inverse
    for (a, i) in free.enumerated() {
      for (b, j) in free.enumerated() { result[i, j] = inverse[a, b] }
    }
    return result
  }
}

extension CohortCells {
  /// A column with unit effects and the groups' period means removed, and those means.
  struct Fitted: Sendable {
    /// The residuals, in the sample's order.
    var residuals: [Double]
    /// For each group its period means, zero in the periods held.
    var means: [[Double]]
    /// The length of the column about its units' means, before.
    var length: Double
  }

  /// Fits unit effects and period means to a column of the panel; refined once by its residuals.
  func fit(_ column: [Double]) -> Fitted {
    let t = sample.periods.count
    var values = sample.rows.map { _ in 0.0 }
    values.withUnsafeMutableBufferPointer { values in
      column.withUnsafeBufferPointer { column in
        sample.rows.withUnsafeBufferPointer { rows in
          for place in 0..<rows.count { values[place] = column[Int(rows[place])] }
        }
      }
    }
    let zeros = [[Double]](repeating: [Double](repeating: 0, count: t), count: sample.groups)
    var (means, step) = (zeros, zeros)
    var length = 0.0
    for pass in 0..<3 {
      let sums = demean(&values, less: step)
      if pass == 0 { length = sums.reduce(0) { $0 + ($1.last ?? 0) }.squareRoot() }
      if pass == 2 { break }
      // After the first pass the values are residuals, so the solution is a correction.
      step = zip(inverses, sums).map { $0.times(Array($1.dropLast())) }
      for group in means.indices {
        for period in 0..<t { means[group][period] += step[group][period] }
      }
    }
    return Fitted(residuals: values, means: means, length: length)
  }

  /// Subtracts period means, then each unit's weighted mean.
  ///
  /// Gives each group's Σwv by period and, last, Σwv².
  private func demean(_ values: inout [Double], less means: [[Double]]) -> [[Double]] {
    let t = sample.periods.count
    let groups = sample.groupStarts
    return values.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let values = buffer
      return sample.sums(t + 1) { units, sums in
        let group = (groups.firstIndex { $0 > units.lowerBound } ?? groups.count) - 1
        means[group].withUnsafeBufferPointer { means in
          sample.withRows { period, weights, starts in
            for unit in units {
              var (sum, total) = (0.0, 0.0)
              let range = starts[unit]..<starts[unit + 1]
              for place in range {
                let value = values[place] - means[Int(period[place])]
                let weight = weights?[place] ?? 1
                values[place] = value
                sum += weight * value
                total += weight
              }
              let mean = sum / total
              for place in range {
                let value = values[place] - mean
                let product = (weights?[place] ?? 1) * value
                values[place] = value
                sums[Int(period[place])] += product
                sums[t] += product * value
              }
            }
          }
        }
      }
    }
  }
}
