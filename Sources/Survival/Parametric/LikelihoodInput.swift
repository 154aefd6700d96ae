import LinearAlgebra
import Statistics

/// What a likelihood is made of, checked: rows of weight zero are gone.
struct LikelihoodInput: Sendable {
  let start: [Double]?
  let time: [Double]
  let event: [Bool]
  let design: DesignMatrix
  let weights: [Double]?
  let offset: [Double]?
  let cluster: Factor?
  /// The rows of the arrays that were given.
  let rows: [Int]?

  /// - Throws: `size-mismatch`, `missing-value`, `bad-value`, `bad-weight`, `bad-interval` (a time of
  ///   zero or less, a start below zero) with the row, or `no-events`.
  init(
    _ times: SurvivalTimes, _ design: DesignMatrix, weights: [Double]?, offset: [Double]?,
    cluster: Factor?
  ) throws(SiblingError) {
    try Checks.count(design.rows, is: times.count, "the design")
    try Checks.factor(cluster, rows: times.count, "cluster")
    try Checks.weights(weights, rows: times.count, allowingZero: true)
    try Checks.finite(design.matrix, design.names)
    if let offset {
      try Checks.count(offset.count, is: times.count, "the offset")
      if let row = offset.firstIndex(where: { !$0.isFinite }) {
        throw SiblingError(
          .badValue, "an offset is missing or infinite", row: row, column: "offset")
      }
    }
    try Self.checkTimes(times)
    guard let weights, weights.contains(0) else {
      (start, time, event) = (times.start, times.time, times.event)
      (self.design, self.weights, self.offset, self.cluster) = (design, weights, offset, cluster)
      rows = nil
      try checkEvents()
      return
    }
    let kept = weights.indices.filter { weights[$0] > 0 }
    start = times.start.map { start in kept.map { start[$0] } }
    time = kept.map { times.time[$0] }
    event = kept.map { times.event[$0] }
    self.design = design.selecting(rows: kept)
    self.weights = kept.map { weights[$0] }
    self.offset = offset.map { offset in kept.map { offset[$0] } }
    self.cluster = cluster?.selecting(kept)
    rows = kept
    try checkEvents()
  }

  private func checkEvents() throws(SiblingError) {
    guard event.contains(true) else {
      throw SiblingError(
        .noEvents, "no row ends with the event",
        help: "check the event column: 1 is the event, 0 censored")
    }
  }

  private static func checkTimes(_ times: SurvivalTimes) throws(SiblingError) {
    if let row = times.time.firstIndex(where: { $0 <= 0 }) {
      throw SiblingError(
        .badInterval, "a time is zero or less, where a parametric model needs time above zero",
        help: "drop such rows, or count them as half a unit if the job lasted part of it", row: row,
        column: "time")
    }
    if let start = times.start, let row = start.firstIndex(where: { $0 < 0 }) {
      throw SiblingError(
        .badInterval, "a start is below zero", help: "count time from the start of the job",
        row: row, column: "start")
    }
  }

  var count: Int { time.count }
  var events: Int { event.reduce(0) { $0 + ($1 ? 1 : 0) } }

  /// The logarithm of each time, in blocks.
  var logTimes: [Double] { Self.logarithms(time) }

  /// The logarithm of each start; −∞ where a row was there from the beginning.
  var logStarts: [Double]? {
    guard let start, start.contains(where: { $0 > 0 }) else { return nil }
    return Self.logarithms(start)
  }

  private static func logarithms(_ values: [Double]) -> [Double] {
    let blocks = Parallel.ranges(of: values.count, size: 32_768)
    return [Double](unsafeUninitializedCapacity: values.count) { output, initialized in
      nonisolated(unsafe) let output = output
      Parallel.forBlocks(blocks.count) { block in
        for i in blocks[block] { output[i] = logarithm(values[i]) }
      }
      initialized = values.count
    }
  }
}
