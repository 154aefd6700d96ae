internal import Glibc
internal import Statistics
internal import Tables

/// One value by its rank among positive numbers of rows that an engine has, from counts in ever finer classes.
struct OrderStatistic {
  let rows: EngineData
  let layers: [[NamedExpression]]
  let value: RowExpression

  private static let classes = 1024.0

  /// The rows, the layers that the value needs, and the value, which is above 0.
  init(_ rows: EngineData, layers: [[NamedExpression]], value: RowExpression) {
    (self.rows, self.layers, self.value) = (rows, layers, value)
  }

  /// A quantile of type 3: the order statistic nearest to n·q, the even one when two are as near.
  ///
  /// About six passes; the value is exact where it is somebody's alone, and else good to 1e-15.
  /// - Throws: the engine's failures.
  func quantile(_ probability: Double) throws(SiblingError) -> Double {
    let v = RowExpression.name("v")
    let first = try classify(
      .function(.floor, .constant(8) * .function(.logarithm, v)))
    let count = first.rowCount
    let place = (Double(count) * probability).rounded(.toNearestOrEven)
    let rank = min(count, max(1, Int(place)))
    guard let start = find(first, rank) else { throw Self.failure }
    var low = exp((start.key - 0.001) / 8)
    var high = exp((start.key + 1.001) / 8)
    var found = start
    for _ in 0..<8 where found.count > 1 && high - low > 1e-15 * low {
      let step = (high - low) / Self.classes
      let inside = RowExpression.function(
        .floor, (v - .constant(low)) / .constant(step))
      let cells = try classify(
        .chosen(
          .comparison(.less, v, .constant(low)), then: .constant(-1),
          otherwise: .chosen(
            .comparison(.atLeast, v, .constant(high)), then: .constant(2 * Self.classes),
            otherwise: inside)))
      guard let next = find(cells, rank), next.key >= 0, next.key <= Self.classes else {
        throw Self.failure
      }
      found = next
      high = low + (next.key + 1.001) * step
      low += (next.key - 0.001) * step
    }
    return found.sum / Double(found.count)
  }

  private func classify(_ key: RowExpression) throws(SiblingError) -> Cells {
    rows.progress?("finding the quantile of the weights")
    return try rows.aggregate(
      layers: layers + [[NamedExpression("v", value)]], keys: [GroupKey("class", .number(key))],
      sums: [NamedExpression("v", .name("v"))])
  }

  private func find(
    _ cells: Cells, _ rank: Int
  ) -> (key: Double, count: Int, sum: Double)? {
    var seen = 0
    for (cell, key) in cells.numbers(0).enumerated() {
      seen += cells.counts[cell]
      if seen >= rank { return (key, cells.counts[cell], cells.sums[0][cell]) }
    }
    return nil
  }

  private static var failure: SiblingError {
    SiblingError(
      .nonConvergence, "the quantile of the weights could not be found",
      help: "Leave out the trimming, or work in memory.")
  }
}
