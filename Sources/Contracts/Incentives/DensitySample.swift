internal import Statistics

/// A sample's distinct values, measured from a threshold, with how often each occurs.
struct DensitySample: Sendable {
  /// Distinct distances from the threshold, ascending.
  let values: [Double]
  /// How often each occurs.
  let counts: [Int]
  /// Observations up to and with each.
  let cumulative: [Int]
  /// Observations.
  let observations: Int
  /// The first value not to the left of the threshold.
  let split: Int
  /// The observations' mean distance and standard deviation.
  let mean: Double
  let deviation: Double
  /// Observations cut out because they are round numbers.
  let leftOut: Int

  /// The values that are known; those at round numbers cut out and the gap closed.
  ///
  /// - Throws: `badValue` for a value that is not finite, `tooFewObservations` for fewer than two.
  init(
    _ raw: [Double], threshold: Double, leavingOut round: RoundNumbers?
  ) throws(SiblingError) {
    let distances = try DurationDistances(raw, from: threshold, leavingOut: round)
    var (values, counts): ([Double], [Int]) = ([], [])
    for row in Sorting.order(distances.values) {
      let distance = distances.values[Int(row)]
      if distance.isNaN { break }  // they stand last
      if values.last == distance {
        counts[counts.count - 1] += 1
      } else {
        values.append(distance)
        counts.append(1)
      }
    }
    try self.init(values: values, counts: counts, leftOut: distances.leftOut)
  }

  /// Distinct distances, ascending, each with a count above zero.
  ///
  /// - Throws: `tooFewObservations` for fewer than two.
  init(values: [Double], counts: [Int], leftOut: Int = 0) throws(SiblingError) {
    let total = counts.reduce(0, +)
    guard total >= 2, values.count >= 2 else {
      throw SiblingError(
        .tooFewObservations, "a density needs two different values or more",
        help: "Look at a threshold with more jobs around it.")
    }
    var running = 0
    cumulative = counts.map {
      running += $0
      return running
    }
    let size = Double(total)
    let centre = zip(values, counts).reduce(0) { $0 + $1.0 * Double($1.1) } / size
    let squares = zip(values, counts).reduce(0) {
      $0 + ($1.0 - centre) * ($1.0 - centre) * Double($1.1)
    }
    mean = centre
    deviation = (squares / (size - 1)).squareRoot()
    split = values.firstIndex { $0 >= 0 } ?? values.count
    self.values = values
    self.counts = counts
    observations = total
    self.leftOut = leftOut
  }

  /// Observations to the left of the threshold.
  var left: Int { split > 0 ? cumulative[split - 1] : 0 }

  /// Distances, from the threshold outwards, with counts.
  private func outward(_ isRight: Bool) -> [(distance: Double, count: Int)] {
    isRight
      ? (split..<values.count).map { (values[$0], counts[$0]) }
      : (0..<split).reversed().map { (-values[$0], counts[$0]) }
  }

  /// How far to look on a side for so many observations and so many distinct values; as far as it goes
  /// where there are fewer.
  func distance(holding number: Int, isRight: Bool) -> Double {
    var (seen, distinct) = (0, 0)
    var last = 0.0
    for (distance, count) in outward(isRight) {
      seen += count
      distinct += 1
      last = distance
      if seen >= number, distinct >= number { break }
    }
    return last
  }

  /// The distance of a side's farthest value.
  func farthest(isRight: Bool) -> Double {
    isRight ? max(values[values.count - 1], 0) : max(-values[0], 0)
  }

  /// Indices of the values within a bandwidth on either side.
  func window(left: Double, right: Double) -> Range<Int> {
    let low = values.firstIndex { $0 >= -left } ?? values.count
    let high = values.lastIndex { $0 <= right }.map { $0 + 1 } ?? 0
    return low..<max(low, high)
  }

  /// The distribution function at a value, of the last of equal values.
  func atLast(_ index: Int) -> Double {
    Double(cumulative[index] - 1) / Double(observations - 1)
  }

  /// The mean of the distribution function over equal values taken one after another.
  func inTurn(_ index: Int) -> Double {
    (Double(cumulative[index] - 1) - Double(counts[index] - 1) / 2) / Double(observations - 1)
  }
}
