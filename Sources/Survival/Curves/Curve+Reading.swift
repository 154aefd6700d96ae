import Statistics

extension Curve {
  /// The curve read at given times; before its first it is `initial`, with that `error`.
  func at(_ wanted: [Double], initial: Double, error: Double = 0) -> Curve {
    let sorted = wanted.sorted()
    let steps = sorted.map { time in times.partitionPoint { $0 <= time } }
    var result = self
    result.times = sorted
    result.atRisk = sorted.map { time in
      let next = times.partitionPoint { $0 < time }
      return next < times.count ? atRisk[next] : 0
    }
    result.events = Self.between(events, steps)
    result.censored = Self.between(censored, steps)
    let known = zip(sorted, steps).map { time, step in
      // Survival that has reached zero stays there; anything else is unknown past the last time.
      time <= (times.last ?? 0) || (initial == 1 && step > 0 && estimate[step - 1] == 0)
    }
    func read(_ values: [Double], before: Double) -> [Double] {
      steps.indices.map { known[$0] ? (steps[$0] > 0 ? values[steps[$0] - 1] : before) : .nan }
    }
    result.estimate = read(estimate, before: initial)
    result.standardError = read(standardError, before: error)
    let (floor, ceiling) = error > 0 ? (Double.nan, Double.nan) : (initial, initial)
    result.low = read(low, before: floor)
    result.high = read(high, before: ceiling)
    return result
  }

  private static func between(_ values: [Double], _ steps: [Int]) -> [Double] {
    steps.indices.map { k in
      let from = k > 0 ? steps[k - 1] : 0
      return values[from..<Swift.max(from, steps[k])].reduce(0, +)
    }
  }
}

extension [Double] {
  /// The number of leading elements for which `before` holds, in an array partitioned by it.
  func partitionPoint(_ before: (Double) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if before(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
