import LinearAlgebra
import Statistics

/// The columns of a Fine–Gray model in the order of its scans: stratum after stratum, latest first.
///
/// A *slot* is a distinct time at which somebody leaves for the cause, within a stratum; at each
/// stratum's end stands one more, without exits, for rows that leave before all of them. So a sum
/// over the rows under observation runs forward through the slots, and the sum over those who left
/// earlier for another cause runs backward (Kawaguchi et al. 2021, doi:10.32614/RJ-2021-010).
struct FineGrayData: Sendable {
  /// Original rows by position.
  let rows: [Int32]
  /// Rows × terms by position, less each stratum's mean.
  let x: Matrix
  let weights: [Double]?
  /// Whether each position leaves for the cause.
  let event: [Bool]
  /// For each position the slot in which it is last at risk.
  let stop: [Int32]
  /// For each position the first slot, looking back, in which it is no longer at risk.
  let start: [Int32]?
  /// 1/A at the row's own time for those who leave for another cause, else zero.
  let recall: [Double]
  /// Where each slot's positions begin, and at last their number.
  let begin: [Int32]
  /// The weight of the exits for the cause in each slot.
  let exits: [Double]
  /// A at each slot's time.
  let censoring: [Double]
  /// For each slot where its stratum's slots begin and end.
  let stratumBegin: [Int32]
  let stratumEnd: [Int32]
  /// For each slot its time's tick; −1 for the last of a stratum.
  let slotTick: [Int32]
  let ticks: CensoringTicks
  /// The weighted sum of the covariates of exits for the cause.
  let eventSum: [Double]
  /// Where each stratum's positions begin, and at last their number.
  let begins: [Int]
  /// For each stratum code the means that its columns have lost: strata × terms.
  let centres: Matrix

  var slots: Int { exits.count }

  init(
    _ times: SurvivalTimes, _ causes: Factor, cause: Int32, _ design: Matrix, strata: Factor?,
    weights: [Double]?, convention: FineGray.Censoring
  ) throws(SiblingError) {
    let backwards = [Int32](times.order.reversed())
    let grouped = GroupedRows(
      backwards, codes: strata?.codes, levels: strata?.levels.count ?? 1)
    let rows = grouped.rows
    let ticks = try CensoringTicks(times, grouped, weights, convention)
    let event = rows.map { causes.codes[Int($0)] == cause }
    let own = weights.map { weights in rows.map { weights[Int($0)] } }
    var slots = Slots()
    for stratum in 0..<(grouped.begins.count - 1) {
      slots.add(grouped.begins[stratum]..<grouped.begins[stratum + 1], event, own, ticks)
    }
    self.rows = rows
    self.event = event
    self.ticks = ticks
    self.weights = own
    (stop, begin, exits) = (slots.stop, slots.begin, slots.exits)
    (slotTick, stratumBegin, stratumEnd) = (slots.tick, slots.stratumBegin, slots.stratumEnd)
    censoring = slots.tick.map { $0 < 0 ? 0 : ticks.before[Int($0)] }
    recall = rows.indices.map { i in
      let code = causes.codes[Int(rows[i])]
      guard code >= 0, code != cause else { return 0 }
      let level = ticks.before[Int(ticks.ofPosition[i])]
      return level > 0 ? 1 / level : 0
    }
    start = ticks.entryOfPosition.map { entry in
      rows.indices.map { slots.firstSlot(notAfter: entry[$0], of: Int(slots.stop[$0])) }
    }
    begins = grouped.begins
    (x, centres) = Self.centred(design, rows, grouped.begins)
    eventSum = Self.eventSums(x, event, own)
  }

  private init(_ other: FineGrayData, columns: [Int]) {
    (rows, weights, event) = (other.rows, other.weights, other.event)
    (stop, start, recall) = (other.stop, other.start, other.recall)
    (begin, exits, censoring) = (other.begin, other.exits, other.censoring)
    (stratumBegin, stratumEnd) = (other.stratumBegin, other.stratumEnd)
    (slotTick, ticks, begins) = (other.slotTick, other.ticks, other.begins)
    centres = other.centres.selecting(columns: columns)
    x = other.x.selecting(columns: columns)
    eventSum = columns.map { other.eventSum[$0] }
  }

  /// The model of the named columns.
  func selecting(_ columns: [Int]) -> FineGrayData { FineGrayData(self, columns: columns) }

  /// Columns by position, less each stratum's mean, which no weighted risk set can tell.
  private static func centred(
    _ design: Matrix, _ rows: [Int32], _ begins: [Int]
  ) -> (x: Matrix, centres: Matrix) {
    let (n, p, strata) = (rows.count, design.columns, begins.count - 1)
    let centres = Shared<Double>(count: strata * p, repeating: 0)
    let storage = [Double](unsafeUninitializedCapacity: n * p) { output, initialized in
      nonisolated(unsafe) let output = output
      Parallel.forBlocks(p) { j in
        guard let base = output.baseAddress else { return }
        let column = base + j * n
        design.storage.withUnsafeBufferPointer { all in
          rows.withUnsafeBufferPointer { rows in
            for stratum in 0..<(begins.count - 1) where begins[stratum] < begins[stratum + 1] {
              let range = begins[stratum]..<begins[stratum + 1]
              let first = all[j * n + Int(rows[range.lowerBound])]
              var sum = 0.0
              var varies = false
              for i in range {
                let value = all[j * n + Int(rows[i])] - first
                column[i] = value
                sum += value
                if value != 0 { varies = true }
              }
              centres.pointer[stratum + j * strata] = first
              guard varies else { continue }
              let mean = sum / Double(range.count)
              centres.pointer[stratum + j * strata] += mean
              for i in range { column[i] -= mean }
            }
          }
        }
      }
      initialized = n * p
    }
    return (
      Matrix(rows: n, columns: p, storage: storage),
      Matrix(rows: strata, columns: p, storage: centres.array)
    )
  }

  private static func eventSums(_ x: Matrix, _ event: [Bool], _ weights: [Double]?) -> [Double] {
    Parallel.mapBlocks(x.columns) { j in
      var sum = CompensatedSum()
      x.storage.withUnsafeBufferPointer { x in
        event.withUnsafeBufferPointer { event in
          let base = j * event.count
          for i in 0..<event.count where event[i] { sum.add((weights?[i] ?? 1) * x[base + i]) }
        }
      }
      return sum.value
    }
  }
}

/// The slots of all strata while they are found.
private struct Slots {
  private(set) var stop: [Int32] = []
  private(set) var begin: [Int32] = [0]
  private(set) var exits: [Double] = []
  private(set) var tick: [Int32] = []
  private(set) var stratumBegin: [Int32] = []
  private(set) var stratumEnd: [Int32] = []

  /// Adds a stratum, whose positions stand latest first.
  mutating func add(
    _ range: Range<Int>, _ event: [Bool], _ weights: [Double]?, _ ticks: CensoringTicks
  ) {
    guard !range.isEmpty else { return }
    let first = exits.count
    // Times with an exit for the cause, latest first.
    var current: Int32 = -1
    for i in range where event[i] {
      let now = ticks.ofPosition[i]
      if now != current {
        current = now
        exits.append(0)
        tick.append(now)
      }
      exits[exits.count - 1] += weights?[i] ?? 1
    }
    exits.append(0)
    tick.append(-1)
    let end = exits.count
    var slot = first
    for i in range {
      while slot < end - 1, tick[slot] > ticks.ofPosition[i] {
        begin.append(Int32(i))
        slot += 1
      }
      stop.append(Int32(slot))
    }
    while begin.count < end { begin.append(Int32(range.upperBound)) }
    begin.append(Int32(range.upperBound))
    stratumBegin += repeatElement(Int32(first), count: end - first)
    stratumEnd += repeatElement(Int32(end), count: end - first)
  }

  /// The first slot of a stratum, looking back, whose time is before tick `entry`.
  func firstSlot(notAfter entry: Int32, of slot: Int) -> Int32 {
    var (low, high) = (Int(stratumBegin[slot]), Int(stratumEnd[slot]))
    while low < high {
      let middle = (low + high) / 2
      if tick[middle] >= entry { low = middle + 1 } else { high = middle }
    }
    return Int32(low)
  }
}
