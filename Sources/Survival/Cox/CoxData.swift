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
    deathWeight = died
    (x, centres, eventSum) = Self.centred(
      design, sets, event, self.weights, strata: strata?.levels.count ?? 1)
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

  /// Columns gathered into the order of the risk sets, less each stratum's mean, and their weighted
  /// sums over the events.
  private static func centred(
    _ design: Matrix, _ sets: RiskSets, _ event: [Bool], _ weights: [Double]?, strata: Int
  ) -> (x: Matrix, centres: Matrix, eventSum: [Double]) {
    let (n, p) = (sets.rows.count, design.columns)
    let centres = Shared<Double>(count: strata * p, repeating: 0)
    let sums = Shared<Double>(count: p, repeating: 0)
    let ranges = sets.strataRanges
    let storage = [Double](unsafeUninitializedCapacity: n * p) { output, initialized in
      nonisolated(unsafe) let output = output
      Parallel.forBlocks(p) { j in
        guard let base = output.baseAddress else { return }
        let column = base + j * n
        design.storage.withUnsafeBufferPointer { all in
          guard let source = all.baseAddress else { return }
          for groups in ranges {
            let centre = gather(
              source + j * design.rows, sets.rows, sets.positions(of: groups), into: column)
            centres.pointer[Int(sets.stratum[groups.lowerBound]) + j * strata] = centre
          }
        }
        sums.pointer[j] = eventSum(column, sets, event, weights)
      }
      initialized = n * p
    }
    return (
      Matrix(rows: n, columns: p, storage: storage),
      Matrix(rows: strata, columns: p, storage: centres.array), sums.array
    )
  }

  /// One stratum's part of a column, less its mean, which is returned.
  private static func gather(
    _ source: UnsafePointer<Double>, _ rows: [Int32], _ range: Range<Int>,
    into column: UnsafeMutablePointer<Double>
  ) -> Double {
    rows.withUnsafeBufferPointer { rows in
      let first = source[Int(rows[range.lowerBound])]
      var sum = 0.0
      for i in range {
        let value = source[Int(rows[i])]
        column[i] = value
        sum += value - first
      }
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

  private static func eventSum(
    _ column: UnsafePointer<Double>, _ sets: RiskSets, _ event: [Bool], _ weights: [Double]?
  ) -> Double {
    var sum = 0.0
    event.withUnsafeBufferPointer { event in
      sets.withPointers { sets in
        for g in 0..<sets.begin.count {
          // Summed by group first: the gradient is what it leaves beside a sum as large.
          var own = 0.0
          for i in Int(sets.tie[g])..<Int(sets.end[g]) where event[i] {
            own += (weights?[i] ?? 1) * column[i]
          }
          sum += own
        }
      }
    }
    return sum
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
