internal import LinearAlgebra

extension WildStatistics {
  /// An interval of null values.
  struct Piece: Sendable, Equatable {
    var low: Double
    var high: Double
  }

  /// The null values with a p-value above 1 − level, ascending disjoint intervals.
  ///
  /// A draw counts at the nulls where its polynomial is positive, so the p-value is a step function
  /// whose steps are the polynomials' roots: the set is exact.
  /// - Complexity: O(B log B).
  func confidenceSet(level: Double, estimate: Double, standardError: Double) -> [Piece] {
    guard isInvertible, count > 0, standardError > 0, standardError.isFinite else { return [] }
    let needed = Int(((1 - level) * Double(count) * (1 + 1e-14)).rounded(.down)) + 1
    if !isRestricted {
      guard needed <= count else { return [] }
      let order = Sorting.order(numbers)
      let reach = numbers[Int(order[count - needed])] * standardError
      return [Piece(low: estimate - reach, high: estimate + reach)]
    }
    let steps = self.steps()
    let order = Sorting.order(steps.places)
    var pieces: [Piece] = []
    var above = steps.first
    var open: Double? = above >= needed ? -Double.infinity : nil
    for index in order {
      let place = steps.places[Int(index)]
      above += steps.changes[Int(index)]
      if open == nil, above >= needed {
        open = place
      } else if let low = open, above < needed {
        // A piece that ends where the next begins is one piece.
        pieces.append(Piece(low: low, high: place))
        open = nil
      }
    }
    if let low = open { pieces.append(Piece(low: low, high: .infinity)) }
    var joined: [Piece] = []
    for piece in pieces {
      let low = estimate + standardError * piece.low
      let high = estimate + standardError * piece.high
      if let last = joined.last, last.high >= low {
        joined[joined.count - 1].high = high
      } else if low < high {
        joined.append(Piece(low: low, high: high))
      }
    }
    return joined
  }

  /// Where draws begin and cease to count, and how many count at minus infinity.
  private func steps() -> (places: [Double], changes: [Int], first: Int) {
    let ranges = Parallel.ranges(of: count, size: 4096)
    typealias Steps = (places: [Double], changes: [Int], first: Int)
    let parts: [Steps] = numbers.withUnsafeBufferPointer { numbers in
      nonisolated(unsafe) let numbers = numbers
      return Parallel.mapBlocks(ranges.count) { block in
        var part: Steps = ([], [], 0)
        for draw in ranges[block] {
          let polynomial = Quartic(
            numbers[5 * draw], numbers[5 * draw + 1], numbers[5 * draw + 2],
            numbers[5 * draw + 3], numbers[5 * draw + 4])
          var isPositive = polynomial.signAtMinusInfinity > 0
          if isPositive { part.first += 1 }
          let crossings = polynomial.crossings()
          for index in 0..<crossings.count {
            isPositive.toggle()
            part.places.append(crossings[index])
            part.changes.append(isPositive ? 1 : -1)
          }
        }
        return part
      }
    }
    var total: Steps = ([], [], 0)
    for part in parts {
      total.places += part.places
      total.changes += part.changes
      total.first += part.first
    }
    return total
  }
}
