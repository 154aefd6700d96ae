import Statistics

/// Where a nonparametric estimate can put mass, and which of those places each row allows.
///
/// Mass can lie only in an innermost interval: a left end directly followed by a right end. Left ends of
/// exact times come before right ends of the same time, and those before left ends that exclude it.
/// Rows of one kind (the same run of innermost intervals) are brought together.
struct InnermostIntervals {
  /// The ends of each interval; equal ends are a point.
  var low: [Double] = []
  var high: [Double] = []
  /// For each kind of row the first and last interval that it allows, and the rows' weight.
  var first: [Int32] = []
  var last: [Int32] = []
  var weight: [Double] = []

  var count: Int { low.count }

  init(_ times: IntervalTimes, rows: [Int], weights: [Double]?) {
    let n = rows.count
    let ends = rows.map { times.low[$0] } + rows.map { times.high[$0] }
    let order = Sorting.order(ends)
    var rank = [Int](repeating: 0, count: 2 * n)
    var distinct: [Double] = []
    for place in order {
      if distinct.last != ends[Int(place)] { distinct.append(ends[Int(place)]) }
      rank[Int(place)] = distinct.count - 1
    }
    // Three places a time: exact left ends, right ends, open left ends.
    let places = 3 * distinct.count
    func left(_ k: Int) -> Int { 3 * rank[k] + (ends[k] == ends[n + k] ? 0 : 2) }
    func right(_ k: Int) -> Int { 3 * rank[n + k] + 1 }
    var isEnd = [Bool](repeating: false, count: places)
    for k in 0..<n where weights?[rows[k]] != 0 {
      isEnd[left(k)] = true
      isEnd[right(k)] = true
    }
    // How many intervals begin before each place, and how many end up to it.
    var begun = [Int32](repeating: 0, count: places + 1)
    var ended = begun
    var open = -1
    for place in 0..<places {
      begun[place + 1] = begun[place]
      ended[place + 1] = ended[place]
      guard isEnd[place] else { continue }
      if place % 3 != 1 {
        open = place
      } else if open >= 0 {
        low.append(distinct[open / 3])
        high.append(distinct[place / 3])
        // The interval begins at its left end: all places after that one see it begun.
        for seen in (open + 1)...(place + 1) { begun[seen] = Int32(low.count) }
        ended[place + 1] = Int32(low.count)
        open = -1
      }
    }
    let kinds = (0..<n).filter { weights?[rows[$0]] != 0 }.map { k in
      (first: begun[left(k)], last: ended[right(k) + 1] - 1, weight: weights?[rows[k]] ?? 1)
    }
    gather(kinds)
  }

  /// Adds up the weights of rows of one kind, in the order of their ends.
  private mutating func gather(_ kinds: [(first: Int32, last: Int32, weight: Double)]) {
    let byLast = Sorting.order(codes: kinds.map(\.last), levels: Swift.max(1, count))
    let byFirst = Sorting.order(
      codes: byLast.map { kinds[Int($0)].first }, levels: Swift.max(1, count))
    for place in byFirst {
      let kind = kinds[Int(byLast[Int(place)])]
      if let final = first.indices.last, first[final] == kind.first, last[final] == kind.last {
        weight[final] += kind.weight
      } else {
        first.append(kind.first)
        last.append(kind.last)
        weight.append(kind.weight)
      }
    }
  }
}
