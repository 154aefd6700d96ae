/// The cheapest way to give each point of a line a partner of the other kind.
///
/// Between neighbouring points flows z, treated units with partners still to come (negative:
/// comparisons). The least cost so far is convex in z; its slopes stand in a list that each point
/// shifts by one and cuts at zero, and that each gap raises above z = 0 and lowers below. What is
/// popped never returns, so a pass is linear. Potentials and partners follow by going back.
/// Whole numbers make ties and optimality exact.
struct LineCover {
  /// The dual potential at each point; neighbours differ by at most their gap.
  private(set) var potentials: [Int64]
  /// Pairs of point numbers, treated first, in which every point occurs; stars only.
  private(set) var edges: [(treated: Int32, comparison: Int32)] = []

  /// Solves ascending positions with both kinds among them; nil would be an internal error.
  init?(positions: [Int64], isTreated: [Bool]) {
    var slopes = CoverSlopes(count: positions.count)
    let n = positions.count
    var low = [Int64](repeating: 0, count: n)
    var high = low
    for point in 0..<n {
      if point > 0 {
        (low[point], high[point]) = slopes.aroundZero
        slopes.cross(positions[point] - positions[point - 1])
      }
      if isTreated[point] { slopes.addTreated() } else { slopes.addComparison() }
    }
    let end = slopes.aroundZero
    potentials = LineSlackness.potentials(positions, low, high, end: end)
    guard let steps = steps(positions, isTreated) else { return nil }
    connect(steps, isTreated)
  }

  /// The partners that each point asks for: positive for treated, negative for comparisons.
  private func steps(_ positions: [Int64], _ isTreated: [Bool]) -> [Int]? {
    let n = positions.count
    let many = n + 1
    // The flows that complementary slackness leaves open before each point.
    var low = [Int](repeating: 0, count: n + 1)
    var high = low
    for point in 0..<n {
      let free = potentials[point] == 0
      if isTreated[point] {
        if potentials[point] > 0 { return nil }
        low[point + 1] = low[point] + 1
        high[point + 1] = free ? many : high[point] + 1
      } else {
        if potentials[point] < 0 { return nil }
        high[point + 1] = high[point] - 1
        low[point + 1] = free ? -many : low[point] - 1
      }
      guard point + 1 < n else { break }
      guard
        LineSlackness.crossing(
          positions[point + 1] - positions[point], potentials[point + 1] - potentials[point],
          &low[point + 1], &high[point + 1])
      else { return nil }
    }
    guard low[n] <= 0, high[n] >= 0 else { return nil }
    var steps = [Int](repeating: 0, count: n)
    var flow = 0
    for point in (0..<n).reversed() {
      let before =
        isTreated[point] ? min(flow - 1, high[point]) : max(flow + 1, low[point])
      if before < low[point] || before > high[point] { return nil }
      steps[point] = flow - before
      if potentials[point] != 0, steps[point].magnitude != 1 { return nil }
      flow = before
    }
    return flow == 0 ? steps : nil
  }

  /// Pairs off what is waiting, first come first served, and drops pairs that nobody needs.
  private mutating func connect(_ steps: [Int], _ isTreated: [Bool]) {
    var waiting: [(point: Int32, left: Int)] = []
    var first = 0
    var degree = [Int32](repeating: 0, count: steps.count)
    var drawn: [(treated: Int32, comparison: Int32)] = []
    for (point, step) in steps.enumerated() {
      var need = Int(step.magnitude)
      while need > 0, first < waiting.count,
        isTreated[Int(waiting[first].point)] != isTreated[point]
      {
        let other = waiting[first].point
        let own = Int32(point)
        drawn.append(isTreated[point] ? (own, other) : (other, own))
        degree[point] += 1
        degree[Int(other)] += 1
        let used = min(need, waiting[first].left)
        need -= used
        waiting[first].left -= used
        if waiting[first].left == 0 { first += 1 }
      }
      if need > 0 { waiting.append((Int32(point), need)) }
    }
    for edge in drawn {
      let (one, other) = (Int(edge.treated), Int(edge.comparison))
      if degree[one] > 1, degree[other] > 1 {
        degree[one] -= 1
        degree[other] -= 1
      } else {
        edges.append(edge)
      }
    }
  }
}

/// What complementary slackness leaves open of the flow between neighbouring points of a line.
enum LineSlackness {
  /// The potentials from the slopes around flow zero before each point, going back from the end.
  ///
  /// A potential moves towards its bounds by no more than each gap.
  static func potentials(
    _ positions: [Int64], _ low: [Int64], _ high: [Int64], end: (low: Int64, high: Int64)
  ) -> [Int64] {
    var potentials = [Int64](repeating: 0, count: positions.count)
    var potential = min(max(0, end.low), end.high)
    for point in positions.indices.reversed() {
      potentials[point] = potential
      guard point > 0 else { break }
      let gap = positions[point] - positions[point - 1]
      if potential < low[point] {
        potential = min(low[point], potential + gap)
      } else if potential > high[point] {
        potential = max(high[point], potential - gap)
      }
    }
    return potentials
  }

  /// Narrows the flow over a gap; false when nothing is left.
  ///
  /// Flow may go only the way in which the potential falls or rises by the whole gap.
  static func crossing(
    _ gap: Int64, _ change: Int64, _ low: inout Int, _ high: inout Int
  ) -> Bool {
    if change.magnitude > gap.magnitude { return false }
    if gap > 0, change != -gap { low = max(low, 0) }
    if gap > 0, change != gap { high = min(high, 0) }
    return low <= high
  }
}

/// The slopes of the least cost as a function of the flow, with the place of flow zero.
struct CoverSlopes {
  private var values: [Int64]
  private var head: Int
  private var tail: Int
  /// The first slope above flow zero.
  private var zero: Int
  private var below: Int64 = 0
  private var above: Int64 = 0
  private var leftTail: Int64 = -(1 << 60)
  private var rightTail: Int64 = 1 << 60

  init(count: Int) {
    values = [Int64](repeating: 0, count: 2 * count + 2)
    head = count + 1
    tail = head
    zero = head
  }

  /// The slopes just below and just above flow zero.
  var aroundZero: (low: Int64, high: Int64) {
    (
      zero > head ? values[zero - 1] + below : leftTail,
      zero < tail ? values[zero] + above : rightTail
    )
  }

  /// Passes over a gap, which costs its width for each unit of flow.
  mutating func cross(_ gap: Int64) {
    below -= gap
    above += gap
    leftTail -= gap
    rightTail += gap
  }

  /// Lets a treated unit send one unit of flow or more.
  mutating func addTreated() {
    let moved = aroundZero.low
    if zero == head { head -= 1 }
    zero -= 1
    values[zero] = moved - above
    while tail > zero, values[tail - 1] + above > 0 { tail -= 1 }
    rightTail = 0
    var place = zero - 1
    while place >= head, values[place] + below > 0 {
      values[place] = -below
      place -= 1
    }
  }

  /// Lets a comparison take one unit of flow or more.
  mutating func addComparison() {
    let moved = aroundZero.high
    if zero == tail { tail += 1 }
    values[zero] = moved - below
    zero += 1
    while head < zero, values[head] + below < 0 { head += 1 }
    leftTail = 0
    var place = zero
    while place < tail, values[place] + above < 0 {
      values[place] = -above
      place += 1
    }
  }
}
