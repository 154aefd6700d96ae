internal import Glibc
internal import LinearAlgebra
internal import Statistics

extension SegmentedSeries {
  static func requireSizes(
    _ time: [Double], _ outcome: [Double], _ treated: [Bool]?, _ covariates: DesignMatrix?,
    _ exposure: [Double]?, _ weights: [Double]?
  ) throws(SiblingError) {
    let n = time.count
    let counts = [
      outcome.count, treated?.count ?? n, covariates?.rows ?? n, exposure?.count ?? n,
      weights?.count ?? n,
    ]
    if let count = counts.first(where: { $0 != n }) {
      throw SiblingError(
        .sizeMismatch, "The series has \(n) times, one of its columns \(count) rows.",
        help: "Give each time one entry of every column.")
    }
    guard n > 0 else {
      throw SiblingError(
        .noRows, "The series has no rows.", help: "Check the filter and missing values.")
    }
    for (values, name) in [(time, "time"), (outcome, "outcome")] {
      if let row = values.firstIndex(where: { !$0.isFinite }) {
        throw SiblingError(
          .missingValue, "The \(name) is missing or not finite.",
          help: "Drop rows with missing values before fitting.", row: row)
      }
    }
    if let row = exposure?.firstIndex(where: { !($0 > 0 && $0.isFinite) }) {
      throw SiblingError(
        .badValue, "The exposure is zero, negative or missing.",
        help: "It is what counts are divided by: people, or person-months.", row: row)
    }
    if let row = weights?.firstIndex(where: { !($0 >= 0 && $0.isFinite) }) {
      throw SiblingError(
        .badWeight, "A weight is negative, missing or not finite.",
        help: "Weights must be zero or positive numbers.", row: row)
    }
    if let covariates, let cell = covariates.matrix.storage.firstIndex(where: { !$0.isFinite }) {
      throw SiblingError(
        .missingValue, "A covariate is missing or not finite.",
        help: "Drop rows with missing values before fitting.", row: cell % n,
        column: covariates.names[cell / n])
    }
  }

  static func interruptions(_ given: [Double]) throws(SiblingError) -> [Double] {
    let starts = Array(Set(given)).sorted()
    guard !starts.isEmpty, starts.allSatisfy(\.isFinite) else {
      throw SiblingError(
        .invalidOption, "An interrupted time series needs the time of its interruption.",
        help: "Give the first time at which the change can show.")
    }
    return starts
  }

  /// What the reader must know of the series' shape.
  func shapeNotes(_ model: InterruptedTimeSeries) -> [String] {
    var notes: [String] = []
    let left = all.count { $0.isExcluded }
    if left > 0 { notes.append("\(left) points are excluded from the fit.") }
    for start in interruptions where !used.contains(where: { all[$0].time == start }) {
      notes.append(
        "There is no point at \(PanelDesign.label(start)) in the fit: the change of level there is"
          + " extrapolated.")
    }
    let few = segments.filter { $0.points < InterruptedTimeSeries.fewPoints }
    if !few.isEmpty {
      let counts = few.map {
        "\($0.points) (\(PanelDesign.label($0.start)) to \(PanelDesign.label($0.end))"
          + (hasComparison ? $0.isTreated ? ", treated)" : ", comparison)" : ")")
      }
      notes.append(
        "Segments have few points: \(counts.joined(separator: ", ")). With fewer than eight, trends"
          + " are guesses and every method's intervals are too short.")
    }
    if !hasComparison {
      let candidates = max(1, times - 2 * InterruptedTimeSeries.fewestPoints + 1)
      notes.append(
        "One series: whatever else changed at the time is part of the estimate, and comparing with"
          + " other dates it could have begun at (\(candidates)) gives no p-value below"
          + " \(PanelDesign.rounded(1 / Double(candidates), 3)).")
    }
    if let season = model.season {
      let length: Int
      switch season {
      case .harmonics(_, let periods), .indicators(let periods): length = periods
      }
      if times < 2 * length {
        notes.append("The series is shorter than two seasons of \(length) periods.")
      }
      if hasComparison { notes.append("Both series share one seasonal pattern.") }
    }
    return notes
  }
}

/// Times as whole numbers of periods after the first.
struct TimeScale: Sendable {
  var first: Double
  var step: Double

  /// The scale; nil where times are not whole numbers of the smallest step.
  init?(_ times: [Double]) {
    let sorted = Self.distinct(times)
    guard sorted.count > 1 else { return nil }
    first = sorted[0]
    step = zip(sorted.dropFirst(), sorted).map { $0 - $1 }.min() ?? 1
    for time in sorted {
      let periods = (time - first) / step
      guard periods < 1e9, (periods - periods.rounded()).magnitude < 1e-6 else { return nil }
    }
  }

  func period(_ time: Double) -> Int { Int(((time - first) / step).rounded()) }

  private static func distinct(_ times: [Double]) -> [Double] { Array(Set(times)).sorted() }

  static var uneven: SiblingError {
    SiblingError(
      .badDesign, "Times are not evenly spaced.",
      help: "Number the periods 1, 2, 3, …; seasons and autocorrelation are counted in periods.")
  }

  /// Refuses times that are years and months or quarters written as one number: their steps lie.
  static func requireCounting(_ times: [Double]) throws(SiblingError) {
    let sorted = distinct(times)
    let gaps = zip(sorted.dropFirst(), sorted).map { $0 - $1 }
    func isCode(_ base: Double, _ places: ClosedRange<Double>) -> Bool {
      sorted.allSatisfy { time in
        let year = (time / base).rounded(.down)
        return time == time.rounded() && (1900...2199).contains(year)
          && places.contains(time - year * base)
      }
    }
    let isMonth = isCode(100, 1...12) && gaps.contains { $0 > 77 }
    let isQuarter = isCode(10, 1...4) && gaps.contains { (7...10).contains($0) }
    guard isMonth || isQuarter else { return }
    throw SiblingError(
      .badDesign,
      "Times look like years and \(isMonth ? "months (202401)" : "quarters (20241)") in one number,"
        + " so the step into a new year would count as many periods.",
      help: "Number the periods 1, 2, 3, …, for example --derive 'period = "
        + (isMonth ? "12 * floor(t / 100) + t % 100'." : "4 * floor(t / 10) + t % 10'."))
  }
}
