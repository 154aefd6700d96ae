/// What the estimates of many combinations have in common, by rules.
struct SpecificationCurve: Equatable {
  /// One estimate with its interval.
  struct Point: Equatable {
    var estimate: Double
    var low: Double?
    var high: Double?
  }

  let lowest: Double
  let median: Double
  let highest: Double
  /// The share of estimates on the side of the median; those of nothing are on neither.
  let sameSign: Double
  /// The share of intervals wholly above nothing.
  let above: Double
  /// The share of intervals wholly below nothing.
  let below: Double

  /// Sums estimates up; nil without one.
  ///
  /// `null` is where there is no effect.
  init?(_ points: [Point], null: Double = 0) {
    guard !points.isEmpty else { return nil }
    let sorted = points.map(\.estimate).sorted()
    let middle = Self.median(sorted: sorted)
    let n = Double(points.count)
    (lowest, median, highest) = (sorted[0], middle, sorted[sorted.count - 1])
    let same = sorted.count { middle > null ? $0 > null : middle < null ? $0 < null : $0 == null }
    sameSign = Double(same) / n
    above = Double(points.count { ($0.low ?? null) > null }) / n
    below = Double(points.count { ($0.high ?? null) < null }) / n
  }

  /// The median of numbers in ascending order.
  static func median(sorted: [Double]) -> Double {
    let middle = sorted.count / 2
    return sorted.count.isMultiple(of: 2)
      ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
  }

  /// Tests of a whole curve by exchanging treatment, the same exchange for every combination.
  ///
  /// Simonsohn, U., Simmons, J. P. and Nelson, L. D. (2020), doi:10.1038/s41562-020-0912-z: is the median
  /// estimate further from nothing than under exchanges, and are more combinations conclusive on its side?
  /// A combination is conclusive under an exchange when its statistic is beyond what its own exchanges
  /// exceed with the chance α.
  struct Joint: Equatable {
    var medianPValue: Double
    var sharePValue: Double
  }

  /// The tests; nil without estimates or exchanges.
  ///
  /// `exchangedEstimates` and `exchangedStatistics` hold one array an exchange; one without a number counts
  /// as at least as extreme.
  static func joint(
    estimates: [Double], statistics: [Double], exchangedEstimates: [[Double]],
    exchangedStatistics: [[Double]], isExact: Bool, alpha: Double
  ) -> Joint? {
    guard !estimates.isEmpty, !exchangedEstimates.isEmpty else { return nil }
    let exchanges = exchangedEstimates.count
    let observedMedian = median(sorted: estimates.sorted())
    let bars = statistics.indices.map { place -> Double in
      let sizes = exchangedStatistics.map {
        $0[place].isNaN ? .infinity : $0[place].magnitude
      }.sorted()
      // The smallest size that at most a share α of the exchanges reach.
      let reached = Int((alpha * Double(exchanges) * (1 + 1e-12)).rounded(.down))
      return reached == 0 ? .infinity : sizes[exchanges - reached]
    }
    func conclusive(_ values: [Double], side: Double) -> Int {
      zip(values, bars).count { value, bar in
        bar.isFinite && value * side >= bar * (1 - 1e-9)
      }
    }
    let side: Double = observedMedian < 0 ? -1 : 1
    let observedShare = conclusive(statistics, side: side)
    var (medians, shares) = (0, 0)
    for (values, sizes) in zip(exchangedEstimates, exchangedStatistics) {
      guard values.allSatisfy({ !$0.isNaN }) else {
        medians += 1
        shares += 1
        continue
      }
      let middle = median(sorted: values.sorted())
      if middle.magnitude >= observedMedian.magnitude * (1 - 1e-9) { medians += 1 }
      // Either side could have been the one that most combinations favour.
      let most = max(conclusive(sizes, side: 1), conclusive(sizes, side: -1))
      if most >= observedShare { shares += 1 }
    }
    func share(_ count: Int) -> Double {
      isExact ? Double(count) / Double(exchanges) : Double(1 + count) / Double(1 + exchanges)
    }
    return Joint(medianPValue: share(medians), sharePValue: share(shares))
  }
}
