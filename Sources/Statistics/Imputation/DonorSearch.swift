/// Finds observed rows whose prediction is near: the donors of predictive mean matching.
struct DonorSearch {
  private let sorted: [Double]
  private let order: [Int32]

  /// A search among predictions of observed rows.
  init(_ predictions: [Double]) {
    order = Sorting.order(predictions)
    sorted = order.map { predictions[Int($0)] }
  }

  /// For each prediction one of its nearest `count` donors, each equally likely.
  ///
  /// Where several stand equally far at the margin, chance decides which of them are in.
  func donors(
    of predictions: [Double], among count: Int, _ stream: inout RandomStream
  ) -> [Int] {
    predictions.map { donor(of: $0, among: min(count, sorted.count), &stream) }
  }

  private func donor(
    of value: Double, among count: Int, _ stream: inout RandomStream
  ) -> Int {
    // The nearest `count` form a run [low, high) around the place of `value`.
    let place = lowerBound(value)
    var (low, high) = (place, place)
    while high - low < count {
      let below = low > 0 ? value - sorted[low - 1] : .infinity
      let above = high < sorted.count ? sorted[high] - value : .infinity
      if below <= above { low -= 1 } else { high += 1 }
    }
    let farthest = max(
      low < place ? value - sorted[low] : 0, high > place ? sorted[high - 1] - value : 0)
    // Those strictly nearer than the farthest are in; the rest are drawn from all at that distance.
    let nearerLow = low < place && value - sorted[low] == farthest ? upperBound(sorted[low]) : low
    let nearerHigh =
      high > place && sorted[high - 1] - value == farthest ? lowerBound(sorted[high - 1]) : high
    let nearer = max(0, nearerHigh - nearerLow)
    let pick = stream.integer(below: count)
    if pick < nearer { return Int(order[nearerLow + pick]) }
    if nearerHigh <= nearerLow, farthest == 0 {
      let (first, last) = (lowerBound(value), upperBound(value))
      return Int(order[first + stream.integer(below: last - first)])
    }
    let below = nearerLow > low ? (lowerBound(sorted[low]), nearerLow) : (0, 0)
    let above = nearerHigh < high ? (nearerHigh, upperBound(sorted[high - 1])) : (0, 0)
    let choice = stream.integer(below: below.1 - below.0 + above.1 - above.0)
    let spot =
      choice < below.1 - below.0 ? below.0 + choice : above.0 + choice - (below.1 - below.0)
    return Int(order[spot])
  }

  private func lowerBound(_ value: Double) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] < value { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func upperBound(_ value: Double) -> Int {
    var (low, high) = (0, sorted.count)
    while low < high {
      let middle = (low + high) / 2
      if sorted[middle] <= value { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
