internal import Glibc
internal import Matching
internal import Statistics
internal import Tables

extension EffectProblem {
  /// The fewest rows in a bracket that is searched on; fewer are told apart by value.
  private static let fewRows = 20_000

  /// Finds the weight at a quantile (type 3), which then caps the weights: counts below thresholds narrow it down to
  /// a few rows, whose distinct weights one more query gives.
  mutating func findCap(_ quantile: Double) throws(SiblingError) {
    guard let chosen = isTrimmed else { return }
    let counted = data
    let layers = weighted
    let rows: Int =
      switch settings.estimand {
      case .att: arms[0].rows
      case .atc: arms[1].rows
      default: rowCount
      }
    // The order statistic nearest to n·q, the even one when two are as near.
    let place = min(rows, max(1, Int((Double(rows) * quantile).rounded(.toNearestOrEven))))
    let plain = RowExpression.name("plain")
    var (low, high) = (0.0, Double.infinity)
    var (below, through) = (0, rows)
    var grid = (-64...64).map { exp(Double($0)) }
    while through - below > Self.fewRows {
      data.progress?("finding the weights' quantile")
      let cells = try counted.aggregate(
        layers: layers,
        sums: grid.enumerated().map { index, limit in
          NamedExpression(
            "c\(index)", .both(chosen, .comparison(.atMost, plain, .constant(limit))))
        })
      let before = (low, high)
      for (index, limit) in grid.enumerated() {
        let count = Int(cells.sums[index][0].rounded())
        if count < place {
          if limit > low { (low, below) = (limit, count) }
        } else if limit < high {
          (high, through) = (limit, count)
        }
      }
      // Many rows of one weight can't be told apart any further.
      guard (low, high) != before, high.isFinite, high - low > 1e-15 * high else { break }
      grid = (1..<100).map { low + (high - low) * Double($0) / 100 }
    }
    let isInside = RowExpression.both(
      chosen,
      .both(
        .comparison(.greater, plain, .constant(low)),
        .comparison(.atMost, plain, .constant(high.isFinite ? high : .greatestFiniteMagnitude))))
    let cells = try counted.aggregate(
      layers: layers,
      keys: [
        GroupKey("weight", .number(.chosen(isInside, then: plain, otherwise: .constant(-1))))
      ])
    var count = below
    for (weight, rows) in zip(cells.numbers(0), cells.counts) where weight >= 0 {
      count += rows
      if count >= place {
        cap = weight
        return
      }
    }
  }
}
