internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// The columns of a segmented regression while they are gathered.
struct SegmentedColumns {
  var rows: [SegmentedSeries.Row]
  var first: Double
  var names: [String] = []
  var values: [[Double]] = []

  init(_ rows: [SegmentedSeries.Row], first: Double) {
    self.rows = rows
    self.first = first
  }

  var design: DesignMatrix { DesignMatrix(matrix: Matrix(columns: values), names: names) }

  @discardableResult
  mutating func add(_ name: String, _ value: (SegmentedSeries.Row) -> Double) -> Int {
    add(name, rows.map(value))
  }

  @discardableResult
  mutating func add(_ name: String, _ column: [Double]) -> Int {
    names.append(name)
    values.append(column)
    return names.count - 1
  }

  /// A level and a slope for each interruption.
  mutating func addChanges(_ starts: [Double]) -> [(level: Int, slope: Int)] {
    var pairs: [(level: Int, slope: Int)] = []
    for start in starts {
      let suffix = starts.count > 1 ? "(\(PanelDesign.label(start)))" : ""
      let level = add("level" + suffix) { $0.time >= start ? 1 : 0 }
      let slope = add("slope" + suffix) { $0.time >= start ? $0.time - start : 0 }
      pairs.append((level, slope))
    }
    return pairs
  }

  /// What the treated series has beyond the comparison: level, trend, and each change.
  mutating func addPartners(
    _ pairs: [(level: Int, slope: Int)]
  ) -> [(level: Int, slope: Int)] {
    add("treated") { $0.isTreated ? 1 : 0 }
    add("time:treated") { [first] in $0.isTreated ? $0.time - first : 0 }
    return pairs.map { pair in
      (addPartner(pair.level), addPartner(pair.slope))
    }
  }

  private mutating func addPartner(_ column: Int) -> Int {
    let partner = zip(rows, values[column]).map { $0.isTreated ? $1 : 0 }
    return add(names[column] + ":treated", partner)
  }

  /// The terms of a season.
  ///
  /// - Throws: `invalidOption` for a season that makes no sense, `badDesign` for uneven times.
  mutating func add(
    _ season: InterruptedTimeSeries.Season?, _ scale: TimeScale?
  ) throws(SiblingError) {
    guard let season else { return }
    guard scale != nil else { throw TimeScale.uneven }
    switch season {
    case .indicators(let length):
      guard length >= 2, length <= 366 else { throw Self.badSeason }
      let present = Set(rows.filter { !$0.isExcluded }.map { ($0.period ?? 0) % length })
      for place in 1..<length where present.contains(place) {
        add("season\(place + 1)") { ($0.period ?? 0) % length == place ? 1 : 0 }
      }
    case .harmonics(let count, let length):
      guard length >= 2, length <= 100_000, count >= 1, count <= length / 2 else {
        throw Self.badSeason
      }
      for harmonic in 1...count {
        func angle(_ row: SegmentedSeries.Row) -> Double {
          2 * Double.pi * Double(harmonic * ((row.period ?? 0) % length)) / Double(length)
        }
        // At half the season's length the sine is zero throughout.
        if 2 * harmonic < length { add("sin\(harmonic)") { sin(angle($0)) } }
        add("cos\(harmonic)") { cos(angle($0)) }
      }
    }
  }

  private static var badSeason: SiblingError {
    SiblingError(
      .invalidOption,
      "A season has two periods or more, and at most half as many harmonics.",
      help: "For example 4 quarters or 12 months, with 1 or 2 harmonics.")
  }
}
