/// A step function read from rows: a value at time zero, then a value from each time on.
struct StepCurve {
  /// The value before the first time.
  var start: Double
  var times: [Double] = []
  var values: [Double] = []
  var low: [Double?] = []
  var high: [Double?] = []

  init(start: Double) { self.start = start }

  /// The curve of the rows, in order of time; rows without a time or a value are left out.
  init(
    start: Double, table: ResultTable, rows: [Int], value: String, isIncluded: (Double) -> Bool
  ) {
    self.start = start
    var points: [(time: Double, value: Double, row: Int)] = []
    for row in rows {
      guard let time = table[row, "time"].number, let number = table[row, value].number,
        isIncluded(number)
      else { continue }
      points.append((time, number, row))
    }
    points.sort { ($0.time, $0.row) < ($1.time, $1.row) }
    for point in points {
      times.append(point.time)
      values.append(point.value)
      low.append(table[point.row, "conf.low"].number)
      high.append(table[point.row, "conf.high"].number)
    }
  }

  init(start: Double, table: ResultTable, rows: [Int], value: String) {
    self.init(start: start, table: table, rows: rows, value: value, isIncluded: { _ in true })
  }

  /// The position of the last time at or before a time.
  func index(at time: Double) -> Int? {
    var (from, to) = (0, times.count)
    while from < to {
      let middle = (from + to) / 2
      if times[middle] <= time { from = middle + 1 } else { to = middle }
    }
    return from > 0 ? from - 1 : nil
  }

  func value(at time: Double) -> Double { index(at: time).map { values[$0] } ?? start }

  var last: Double { values.last ?? start }

  /// The corners in pixels, from time zero.
  func corners(_ x: Scale, _ y: Scale) -> [(x: Double, y: Double)] {
    var points: [(x: Double, y: Double)] = [(x.position(0), y.position(start))]
    var height = y.position(start)
    for (time, value) in zip(times, values) {
      let (right, next) = (x.position(time), y.position(y.clamped(value)))
      points.append((right, height))
      if next != height { points.append((right, next)) }
      height = next
    }
    return StepCurve.thinned(points)
  }

  /// The outline of the band in pixels; it ends where the limits do.
  func band(_ x: Scale, _ y: Scale) -> [(x: Double, y: Double)] {
    var upper: [(x: Double, y: Double)] = []
    var lower: [(x: Double, y: Double)] = []
    var (bottom, top) = (y.position(start), y.position(start))
    for index in times.indices {
      guard let low = low[index], let high = high[index] else { break }
      let right = x.position(times[index])
      let (nextBottom, nextTop) = (
        y.position(y.clamped(low)), y.position(y.clamped(high))
      )
      upper += [(right, top), (right, nextTop)]
      lower += [(right, bottom), (right, nextBottom)]
      (bottom, top) = (nextBottom, nextTop)
    }
    return StepCurve.thinned(upper) + StepCurve.thinned(lower).reversed()
  }

  /// A line of very many points without those that nobody could see.
  static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
    guard points.count > 2000 else { return points }
    var kept = [points[0]]
    for (index, point) in points.enumerated().dropFirst() {
      let last = kept[kept.count - 1]
      let isFar = (point.x - last.x).magnitude >= 0.3 || (point.y - last.y).magnitude >= 0.3
      if isFar || index == points.count - 1 { kept.append(point) }
    }
    return kept
  }
}

extension ResultTable {
  /// The rows of each text of a column, in the order in which the texts occur.
  func rows(by column: String) -> [(level: String, rows: [Int])] {
    rows(rows.indices, by: column)
  }

  /// Some rows by the texts of a column.
  func rows(_ some: some Sequence<Int>, by column: String) -> [(level: String, rows: [Int])] {
    var order: [String: Int] = [:]
    var groups: [(level: String, rows: [Int])] = []
    for row in some {
      let level = self[row, column].plainText
      if let group = order[level] {
        groups[group].rows.append(row)
      } else {
        order[level] = groups.count
        groups.append((level, [row]))
      }
    }
    return groups
  }
}
