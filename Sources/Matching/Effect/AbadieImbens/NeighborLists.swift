internal import LinearAlgebra
internal import Statistics

/// For each row its nearest members of a group, equally near ones all included.
///
/// A row's neighbours stand next to each other in `members`, so that what is summed over them can
/// be had from running totals. On a score `members` is the sorted group, which all rows share.
struct NeighborLists {
  /// Rows of the group, from zero.
  var members: [Int32]
  /// Where each row's neighbours begin in `members`.
  var lower: [Int]
  /// Where they end.
  var upper: [Int]

  /// How many neighbours a row has.
  func count(_ row: Int) -> Int { upper[row] - lower[row] }

  /// The `count` members of a group nearest to every row by a score.
  ///
  /// A member is its own neighbour, at distance zero. `count` must not exceed the group's size.
  /// - Complexity: O(n log n), however many members are equally near.
  init(score: [Double], group: [Int32], count: Int) {
    let order = Sorting.order(group.map { score[Int($0)] })
    let sorted = order.map { group[Int($0)] }
    let values = sorted.map { score[Int($0)] }
    let n = score.count
    var lower = [Int](repeating: 0, count: n)
    var upper = lower
    values.withUnsafeBufferPointer { values in
      for row in 0..<n {
        let here = score[row]
        var right = Self.firstIndex(values.count) { values[$0] >= here }
        var left = right
        var reach = 0.0
        while right - left < count {
          let below = left > 0 ? here - values[left - 1] : .infinity
          let above = right < values.count ? values[right] - here : .infinity
          if below <= above {
            left -= 1
            reach = below
          } else {
            right += 1
            reach = above
          }
        }
        // Whoever is exactly as near as the last is a neighbour too.
        lower[row] = Self.firstIndex(left) { here - values[$0] <= reach }
        let from = right
        upper[row] =
          from + Self.firstIndex(values.count - from) { values[from + $0] - here > reach }
      }
    }
    members = sorted
    self.lower = lower
    self.upper = upper
  }

  /// The `count` members nearest to every row by the Euclidean distance of coordinates.
  ///
  /// - Complexity: O(n · group · q), in parallel, without storing distances of more than one row.
  init(coordinates: Matrix, group: [Int32], count: Int) {
    let (n, q) = (coordinates.rows, coordinates.columns)
    // Row by row, so that a pair's coordinates stand together.
    let points = coordinates.transposed.storage
    let blocks = Parallel.ranges(of: n, size: 256)
    let parts: [[[Int32]]] = Parallel.mapBlocks(blocks.count) { block in
      points.withUnsafeBufferPointer { x in
        blocks[block].map { row in
          var squares = [Double](repeating: 0, count: group.count)
          for (place, member) in group.enumerated() {
            var sum = 0.0
            for j in 0..<q {
              let gap = x[row * q + j] - x[Int(member) * q + j]
              sum += gap * gap
            }
            squares[place] = sum
          }
          let reach = squares.sorted()[count - 1]
          return group.indices.filter { squares[$0] <= reach }.map { group[$0] }
        }
      }
    }
    members = []
    lower = []
    upper = []
    for list in parts.joined() {
      lower.append(members.count)
      members += list
      upper.append(members.count)
    }
  }

  /// The first index in `0..<count` from which on a rising condition holds; `count` if nowhere.
  private static func firstIndex(_ count: Int, _ holds: (Int) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(middle) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension NeighborLists {
  /// Sums of this many terms or fewer are added up directly, which keeps every digit.
  private static let direct = 64

  /// For each row the sum of a column over its neighbours.
  func sums(of values: [Double]) -> [Double] {
    var running = [Double](repeating: 0, count: members.count + 1)
    for place in members.indices {
      running[place + 1] = running[place] + values[Int(members[place])]
    }
    return lower.indices.map { row in
      guard count(row) > Self.direct else {
        var sum = 0.0
        for place in lower[row]..<upper[row] { sum += values[Int(members[place])] }
        return sum
      }
      return running[upper[row]] - running[lower[row]]
    }
  }

  /// For each row of the data the total that others give it.
  ///
  /// Row i gives `amounts[i]` to each of its neighbours.
  func gifts(_ amounts: [Double]) -> [Double] {
    var received = [Double](repeating: 0, count: members.count)
    var change = [Double](repeating: 0, count: members.count + 1)
    for row in lower.indices where amounts[row] != 0 {
      if count(row) > Self.direct {
        change[lower[row]] += amounts[row]
        change[upper[row]] -= amounts[row]
      } else {
        for place in lower[row]..<upper[row] { received[place] += amounts[row] }
      }
    }
    var total = [Double](repeating: 0, count: lower.count)
    var level = 0.0
    for place in members.indices {
      level += change[place]
      total[Int(members[place])] += received[place] + level
    }
    return total
  }
}
