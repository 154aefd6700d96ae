extension BoundedSimplex {
  /// A variable that may enter the basis: where its reduced cost changes sign, and by how much the
  /// violated row recovers when it goes to its other bound.
  fileprivate struct Candidate {
    var ratio: Double
    var pivot: Double
    var gain: Double
    var variable: Int
  }

  /// The violated place of the basis.
  fileprivate struct Violation {
    var position: Int
    var gap: Double
    var isBelow: Bool
  }

  /// Goes to the optimum, or until the value is known to be below the cutoff.
  ///
  /// `pivots` counts down; each costs a few passes over the matrix.
  mutating func solve(cutoff: Double = -.infinity, pivots: inout Int) -> Outcome {
    computeValues()
    var alpha = [Double](repeating: 0, count: columns + rows)
    var candidates: [Candidate] = []
    while true {
      if pivotsSinceRefresh >= 100 { refresh() }
      if objective < cutoff { return .below }
      guard let violation = worst() else { return .optimal }
      guard pivots > 0 else { return .exhausted }
      pivots -= 1
      price(violation.position, into: &alpha)
      collect(violation, alpha, into: &candidates)
      guard let chosen = longStep(&candidates, slope: violation.gap) else {
        // Only a fresh inverse may say that there is no way.
        if pivotsSinceRefresh == 0 { return .infeasible }
        refresh()
        continue
      }
      pivot(violation, alpha, candidates, entering: chosen)
    }
  }

  /// The violation that is greatest beside the length of its row of the inverse.
  private func worst() -> Violation? {
    var best: Violation?
    var most = 0.0
    inverse.withUnsafeBufferPointer { inverse in
      for position in 0..<rows {
        let variable = head[position]
        let value = values[position]
        let low = variable < columns ? lower[variable] : 0
        let high =
          variable < columns
          ? upper[variable] : isEquation[variable - columns] ? 0 : Double.infinity
        let gap = max(low - value, value - high)
        guard gap > Self.feasibility else { continue }
        var length = 0.0
        for other in 0..<rows {
          let entry = inverse[position * rows + other]
          length += entry * entry
        }
        if gap * gap > most * length {
          most = gap * gap / length
          best = Violation(position: position, gap: gap, isBelow: low > value)
        }
      }
    }
    return best
  }

  /// A row of the inverse times all columns and slacks.
  private func price(_ position: Int, into alpha: inout [Double]) {
    alpha.withUnsafeMutableBufferPointer { alpha in
      matrix.withUnsafeBufferPointer { matrix in
        for column in 0..<columns { alpha[column] = 0 }
        for row in 0..<rows {
          let entry = inverse[position * rows + row]
          alpha[columns + row] = entry
          guard entry != 0 else { continue }
          let start = row * columns
          for column in 0..<columns { alpha[column] += entry * matrix[start + column] }
        }
      }
    }
  }

  /// The variables outside the basis that can repair a violation.
  private func collect(
    _ violation: Violation, _ alpha: [Double], into candidates: inout [Candidate]
  ) {
    candidates.removeAll(keepingCapacity: true)
    let sign = violation.isBelow ? 1.0 : -1.0
    alpha.withUnsafeBufferPointer { alpha in
      place.withUnsafeBufferPointer { place in
        for variable in 0..<(columns + rows) {
          let entry = sign * alpha[variable]
          let state = place[variable]
          guard state < 0, entry.magnitude > 1e-9,
            (state == Self.atLower) == (entry < 0)
          else { continue }
          let range = range(variable)
          guard range > 0 else { continue }
          candidates.append(
            Candidate(
              ratio: reduced[variable].magnitude / entry.magnitude, pivot: entry.magnitude,
              gain: entry.magnitude * range, variable: variable))
        }
      }
    }
  }

  /// The candidate at which the violation is repaired, with those that flip put before it.
  ///
  /// Expected time is linear. Nil when all flips together don't repair it.
  private func longStep(_ candidates: inout [Candidate], slope: Double) -> Int? {
    var total = 0.0
    for candidate in candidates { total += candidate.gain }
    // What remains by rounding is no violation.
    guard total + Self.feasibility >= slope, !candidates.isEmpty else { return nil }
    var (low, high, left) = (0, candidates.count, slope)
    while high - low > 24 {
      let middle = candidates[low + (high - low) / 2].ratio
      let ends = (candidates[low].ratio, candidates[high - 1].ratio)
      let pivot = max(min(ends.0, ends.1), min(middle, max(ends.0, ends.1)))
      // Less than the pivot, equal to it, greater.
      var (less, place, greater) = (low, low, high)
      var (below, equal) = (0.0, 0.0)
      while place < greater {
        let ratio = candidates[place].ratio
        if ratio < pivot {
          below += candidates[place].gain
          candidates.swapAt(less, place)
          less += 1
          place += 1
        } else if ratio > pivot {
          greater -= 1
          candidates.swapAt(place, greater)
        } else {
          equal += candidates[place].gain
          place += 1
        }
      }
      if below >= left {
        high = less
      } else if below + equal >= left {
        left -= below
        low = less
        high = greater
        break
      } else {
        left -= below + equal
        low = greater
      }
      if low >= high { break }
    }
    // Among equals the longest pivots come last: they are the safest to enter.
    candidates[low..<high].sort {
      ($0.ratio, $0.pivot, $0.variable) < ($1.ratio, $1.pivot, $1.variable)
    }
    var chosen = low
    while chosen < candidates.count {
      left -= candidates[chosen].gain
      if left <= 0 { break }
      chosen += 1
    }
    chosen = min(chosen, candidates.count - 1)
    guard candidates[chosen].pivot < 1e-5 else { return chosen }
    // A shorter step with a safer pivot is a step too.
    var safest = chosen
    for index in 0..<chosen where candidates[index].pivot >= 1e-5 {
      if safest == chosen || candidates[index].ratio > candidates[safest].ratio { safest = index }
    }
    guard safest != chosen else { return chosen }
    let ratio = candidates[safest].ratio
    let before = candidates[0..<chosen].filter { $0.ratio < ratio }
    let one = candidates[safest]
    candidates = before + [one]
    return before.count
  }

  /// Flips those before the entering variable, which takes the violated place.
  private mutating func pivot(
    _ violation: Violation, _ alpha: [Double], _ candidates: [Candidate], entering chosen: Int
  ) {
    for candidate in candidates[..<chosen] where candidate.variable < columns {
      let column = candidate.variable
      let old = value(column)
      place[column] = place[column] == Self.atLower ? Self.atUpper : Self.atLower
      shift(column, by: value(column) - old)
    }
    let entering = candidates[chosen].variable
    let leaving = head[violation.position]
    let step = reduced[entering] / alpha[entering]
    reduced.withUnsafeMutableBufferPointer { reduced in
      alpha.withUnsafeBufferPointer { alpha in
        for variable in 0..<reduced.count { reduced[variable] -= step * alpha[variable] }
      }
    }
    // The entering variable leaves its bound, the leaving one comes to stand at its own.
    if entering < columns { shift(entering, by: -value(entering)) }
    let column = image(of: entering)
    head[violation.position] = entering
    place[entering] = violation.position
    place[leaving] = violation.isBelow || leaving >= columns ? Self.atLower : Self.atUpper
    if leaving < columns { shift(leaving, by: value(leaving)) }
    for variable in head { reduced[variable] = 0 }
    update(column, violation.position)
    pivotsSinceRefresh += 1
    if (column[violation.position] - alpha[entering]).magnitude
      > 1e-7 * (1 + alpha[entering].magnitude)
    {
      refresh()
    } else {
      computeValues()
    }
  }

  /// The inverse times the column of a variable.
  private func image(of variable: Int) -> [Double] {
    (0..<rows).map { row in
      guard variable < columns else { return inverse[row * rows + variable - columns] }
      var sum = 0.0
      for other in 0..<rows {
        sum += inverse[row * rows + other] * matrix[other * columns + variable]
      }
      return sum
    }
  }

  private mutating func update(_ column: [Double], _ position: Int) {
    inverse.withUnsafeMutableBufferPointer { inverse in
      let start = position * rows
      let pivot = column[position]
      for other in 0..<rows { inverse[start + other] /= pivot }
      for row in 0..<rows where row != position && column[row] != 0 {
        let factor = column[row]
        for other in 0..<rows { inverse[row * rows + other] -= factor * inverse[start + other] }
      }
    }
  }
}
