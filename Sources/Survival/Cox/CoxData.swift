import LinearAlgebra
import Statistics

/// The columns of a Cox model in the order of its risk sets, centred within strata.
///
/// The partial likelihood does not change when a stratum's covariates are shifted, and the sums of
/// squares below then lose nothing to cancellation.
struct CoxData: Sendable {
  let sets: RiskSets
  let ties: CoxRegression.Ties
  /// Rows × terms, in the order of `sets.rows`.
  let x: Matrix
  let offset: [Double]?
  /// The mean offset, which `offset` has lost.
  let offsetLevel: Double
  let weights: [Double]?
  let event: [Bool]
  /// For each group the weight of its events.
  let deathWeight: [Double]
  /// The weighted sum of the covariates of all events.
  let eventSum: [Double]
  /// For each stratum code (one without strata) its centre: strata × terms.
  let centres: Matrix
  let strata: [Int32]?

  init(
    _ times: SurvivalTimes, _ sets: RiskSets, _ design: Matrix, strata: Factor?,
    weights: [Double]?, offset: [Double]?, ties: CoxRegression.Ties
  ) {
    self.sets = sets
    self.ties = ties
    self.strata = strata?.codes
    let rows = sets.rows
    self.weights = weights.map { weights in rows.map { weights[Int($0)] } }
    // A common offset cancels too; without it large offsets cannot overflow.
    let level = offset.map { $0.reduce(0, +) / Double($0.count) } ?? 0
    offsetLevel = level
    self.offset = offset.map { offset in rows.map { offset[Int($0)] - level } }
    let event = rows.map { times.event[Int($0)] }
    let died = Self.deathWeights(sets, event, self.weights)
    self.event = event
    (x, centres) = Self.centred(design, sets, strata: strata?.levels.count ?? 1)
    deathWeight = died
    eventSum = x.transposedTimes(Self.marks(event, self.weights))
  }

  /// The weight of each row that ends with the event, zero for the others.
  static func marks(_ event: [Bool], _ weights: [Double]?) -> [Double] {
    event.indices.map { event[$0] ? weights?[$0] ?? 1 : 0 }
  }

  private static func deathWeights(
    _ sets: RiskSets, _ event: [Bool], _ weights: [Double]?
  ) -> [Double] {
    var died = [Double](repeating: 0, count: sets.count)
    for g in died.indices {
      for i in Int(sets.tie[g])..<Int(sets.end[g]) where event[i] { died[g] += weights?[i] ?? 1 }
    }
    return died
  }

  /// Columns gathered into the order of the risk sets, less each stratum's mean.
  private static func centred(
    _ design: Matrix, _ sets: RiskSets, strata: Int
  ) -> (x: Matrix, centres: Matrix) {
    let (n, p) = (sets.rows.count, design.columns)
    let x = Shared<Double>(count: n * p)
    let centres = Shared<Double>(count: strata * p, repeating: 0)
    let ranges = sets.strataRanges
    Parallel.forBlocks(p) { j in
      design.storage.withUnsafeBufferPointer { all in
        sets.rows.withUnsafeBufferPointer { rows in
          let source = UnsafeBufferPointer(
            rebasing: all[(j * design.rows)..<((j + 1) * design.rows)])
          let column = x.pointer + j * n
          for i in 0..<n { column[i] = source[Int(rows[i])] }
        }
      }
      let column = x.pointer + j * n
      for groups in ranges {
        let range = sets.positions(of: groups)
        let centre = centreColumn(column, range)
        centres.pointer[Int(sets.stratum[groups.lowerBound]) + j * strata] = centre
      }
    }
    return (
      Matrix(rows: n, columns: p, storage: x.array),
      Matrix(rows: strata, columns: p, storage: centres.array)
    )
  }

  private static func centreColumn(
    _ column: UnsafeMutablePointer<Double>, _ range: Range<Int>
  ) -> Double {
    let first = column[range.lowerBound]
    var sum = 0.0
    for i in range { sum += column[i] - first }
    let centre = first + sum / Double(range.count)
    // A column that is constant in the stratum becomes exactly zero.
    if sum == 0, range.allSatisfy({ column[$0] == first }) {
      for i in range { column[i] = 0 }
      return first
    }
    for i in range { column[i] -= centre }
    return centre
  }
}

/// Memory that several threads write, each its own part.
final class Shared<Element: BitwiseCopyable>: @unchecked Sendable {
  let pointer: UnsafeMutablePointer<Element>
  let count: Int

  /// Memory whose contents the caller sets before reading.
  init(count: Int) {
    self.count = count
    pointer = UnsafeMutablePointer<Element>.allocate(capacity: Swift.max(1, count))
  }

  convenience init(count: Int, repeating value: Element) {
    self.init(count: count)
    pointer.initialize(repeating: value, count: count)
  }

  convenience init(_ values: [Element]) {
    self.init(count: values.count)
    values.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { pointer.initialize(from: base, count: count) }
    }
  }

  deinit { pointer.deallocate() }

  /// A copy as an array.
  var array: [Element] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
