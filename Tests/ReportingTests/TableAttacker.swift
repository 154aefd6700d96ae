/// An attacker on published counts, written apart from disclosure control.
///
/// It knows every sum, that counts are whole and not negative, and what is shown. Whether a withheld count can
/// have a value it finds by search: narrow all intervals, try a value for the count with the fewest left,
/// and go back where nothing is possible.
struct TableAttacker {
  /// The intervals of the counts, from what is shown.
  var intervals: [ClosedRange<Int>]
  /// A whole and its parts; without a whole a sum that is known.
  var sums: [(whole: Int?, parts: [Int], total: Int)] = []
  private var steps = 0

  init(_ intervals: [ClosedRange<Int>]) { self.intervals = intervals }

  mutating func add(whole: Int, parts: [Int]) { sums.append((whole, parts, 0)) }
  mutating func add(parts: [Int], total: Int) { sums.append((nil, parts, total)) }

  /// The narrowest and widest that a count can be, as far as `span` from its least value.
  mutating func interval(of cell: Int, span: Int) -> ClosedRange<Int>? {
    guard let start = narrowed(intervals) else { return nil }
    var low: Int?
    for value in start[cell].lowerBound...min(start[cell].upperBound, start[cell].lowerBound + 60)
    where isPossible(cell, value, start) {
      low = value
      break
    }
    guard let low else { return nil }
    let top = min(start[cell].upperBound, low + 4 * span)
    for value in stride(from: top, through: low, by: -1) where isPossible(cell, value, start) {
      return low...value
    }
    return nil
  }

  private mutating func isPossible(_ cell: Int, _ value: Int, _ start: [ClosedRange<Int>]) -> Bool {
    var trial = start
    guard trial[cell].contains(value) else { return false }
    trial[cell] = value...value
    steps = 0
    return search(trial)
  }

  private mutating func search(_ intervals: [ClosedRange<Int>]) -> Bool {
    steps += 1
    guard steps < 4000, let narrow = narrowed(intervals) else { return false }
    let open = narrow.indices.filter { narrow[$0].count > 1 }
    guard let next = open.min(by: { (narrow[$0].count, $0) < (narrow[$1].count, $1) }) else {
      return true
    }
    for value in narrow[next] {
      var trial = narrow
      trial[next] = value...value
      if search(trial) { return true }
      if steps >= 4000 { return false }
    }
    return false
  }

  /// The intervals as narrow as sum by sum makes them; nil where one is empty.
  private func narrowed(_ given: [ClosedRange<Int>]) -> [ClosedRange<Int>]? {
    var low = given.map(\.lowerBound)
    var high = given.map(\.upperBound)
    while true {
      var isMoved = false
      for sum in sums {
        let least = sum.parts.reduce(0) { $0 + low[$1] }
        let most = sum.parts.reduce(0) { $0 + high[$1] }
        var (from, to) = (sum.total, sum.total)
        if let whole = sum.whole {
          if least > low[whole] { (low[whole], isMoved) = (least, true) }
          if most < high[whole] { (high[whole], isMoved) = (most, true) }
          (from, to) = (low[whole], high[whole])
        }
        for part in sum.parts {
          let newLow = from - (most - high[part])
          let newHigh = to - (least - low[part])
          if newLow > low[part] { (low[part], isMoved) = (newLow, true) }
          if newHigh < high[part] { (high[part], isMoved) = (newHigh, true) }
          if low[part] > high[part] { return nil }
        }
        if least > to || most < from { return nil }
        if let whole = sum.whole, low[whole] > high[whole] { return nil }
      }
      if !isMoved { return zip(low, high).map { $0...$1 } }
    }
  }
}
