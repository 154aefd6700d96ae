extension CandidateTree {
  /// What a search has found so far, and whom it is for.
  private struct Search {
    /// The coordinates of the focal unit and the values that limits compare it by.
    let own: UnsafePointer<Double>
    /// The greatest distance allowed; negative asks for more than its size.
    let reach: Double
    /// A measure that no pair within reach exceeds, rounded up.
    let most: Double
    /// The focal unit's rank, for ties on a line.
    let key: Int32
    var measure = Double.infinity
    var steps = Int32.max
    var bestKey: Int32 = -1
    var slot = -1
  }

  /// The nearest candidate left that keeps every limit, or nil.
  ///
  /// `own` holds the focal unit's coordinates followed by its values for the limits. Candidates for
  /// which `isExcluded` is true don't count.
  func nearest(
    root: Int, own: UnsafePointer<Double>, key: Int32, reach: Double,
    isExcluded: (Int) -> Bool
  ) -> (position: Int, distance: Double)? {
    guard root >= 0, nodes[root].alive >= 0 else { return nil }
    let isBounded = reach.sign == .plus && reach.isFinite
    let most =
      !isBounded ? Double.infinity : rule == .line ? reach : (reach * reach * (1 + 1e-15)).nextUp
    var search = Search(own: own, reach: reach, most: most, key: key)
    let bound = bound(root, search)
    guard bound <= most else { return nil }
    visit(root, &search, isExcluded)
    guard search.slot >= 0 else { return nil }
    return (
      Int(positions[search.slot]),
      rule == .line ? search.measure : search.measure.squareRoot()
    )
  }

  private func visit(_ node: Int, _ search: inout Search, _ isExcluded: (Int) -> Bool) {
    let child = Int(nodes[node].child)
    guard child >= 0 else {
      scan(node, &search, isExcluded)
      return
    }
    var (near, far) = (child, child + 1)
    var (nearBound, farBound) = (bound(near, search), bound(far, search))
    if farBound < nearBound
      || (farBound == nearBound && prefers(far, to: near, search))
    {
      swap(&near, &far)
      swap(&nearBound, &farBound)
    }
    if isPromising(near, nearBound, search) { visit(near, &search, isExcluded) }
    if isPromising(far, farBound, search) { visit(far, &search, isExcluded) }
  }

  /// Whether a node may hold a better candidate than the best so far.
  @inline(__always)
  private func isPromising(_ node: Int, _ bound: Double, _ search: Search) -> Bool {
    if bound < search.measure { return bound <= search.most }
    guard bound == search.measure, bound.isFinite else { return false }
    switch rule {
    case .line: return steps(node, search) <= search.steps
    case .space: return nodes[node].alive > search.bestKey
    }
  }

  /// Which of two nodes at one distance is looked at first.
  @inline(__always)
  private func prefers(_ node: Int, to other: Int, _ search: Search) -> Bool {
    switch rule {
    case .line: steps(node, search) < steps(other, search)
    case .space: nodes[node].alive > nodes[other].alive
    }
  }

  /// The fewest steps in rank from the focal unit to a node.
  @inline(__always)
  private func steps(_ node: Int, _ search: Search) -> Int32 {
    max(0, nodes[node].leastKey - search.key, search.key - nodes[node].greatestKey)
  }

  /// A measure that no candidate of a node undercuts; infinite when none can be admitted.
  @inline(__always)
  private func bound(_ node: Int, _ search: Search) -> Double {
    guard nodes[node].alive >= 0, let boxes = boxes.baseAddress else { return .infinity }
    let box = boxes + 2 * node * dimensions
    var sum = 0.0
    var farthest = 0.0
    let asksForDistance = search.reach.sign == .minus
    for column in 0..<measured {
      let (value, low, high) = (search.own[column], box[2 * column], box[2 * column + 1])
      let gap = value < low ? low - value : value > high ? value - high : 0
      sum += rule == .line ? gap : gap * gap
      if asksForDistance {
        let far = max((value - low).magnitude, (high - value).magnitude)
        farthest += rule == .line ? far : far * far
      }
    }
    if asksForDistance {
      let distance = rule == .line ? farthest : farthest.squareRoot()
      if distance <= -search.reach { return .infinity }
    }
    for (index, width) in widths.enumerated() {
      let column = measured + index
      let (value, low, high) = (search.own[column], box[2 * column], box[2 * column + 1])
      if width.sign == .plus {
        let gap = value < low ? low - value : value > high ? value - high : 0
        if gap > width { return .infinity }
      } else if max((value - low).magnitude, (high - value).magnitude) <= -width {
        return .infinity
      }
    }
    return sum
  }

  private func scan(_ node: Int, _ search: inout Search, _ isExcluded: (Int) -> Bool) {
    guard let values = values.baseAddress else { return }
    slots: for slot in Int(nodes[node].first)..<Int(nodes[node].end) where isLeft[slot] {
      let point = values + slot * dimensions
      var sum = 0.0
      for column in 0..<measured {
        let gap = point[column] - search.own[column]
        sum += rule == .line ? gap.magnitude : gap * gap
      }
      guard sum <= search.measure else { continue }
      let steps = (keys[slot] - search.key).magnitude
      if sum == search.measure, search.slot >= 0 {
        switch rule {
        case .line:
          let best = UInt32(search.steps)
          guard steps < best || (steps == best && keys[slot] < search.bestKey) else { continue }
        case .space: guard keys[slot] > search.bestKey else { continue }
        }
      }
      for (index, width) in widths.enumerated() {
        let gap = (point[measured + index] - search.own[measured + index]).magnitude
        guard Constraints.keeps(gap, width) else { continue slots }
      }
      let distance = rule == .line ? sum : sum.squareRoot()
      guard Constraints.keeps(distance, search.reach), !isExcluded(Int(positions[slot])) else {
        continue
      }
      search.measure = sum
      search.steps = Int32(clamping: steps)
      search.bestKey = keys[slot]
      search.slot = slot
    }
  }
}
