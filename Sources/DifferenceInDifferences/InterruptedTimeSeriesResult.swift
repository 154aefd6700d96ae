internal import Glibc
public import LinearAlgebra
public import Statistics

/// What a segmented regression found.
public struct InterruptedTimeSeriesResult: Sendable, Equatable {
  /// The points of a series between two interruptions.
  public struct Segment: Sendable, Equatable {
    /// Whether it is the treated series'; true where there is one series.
    public let isTreated: Bool
    /// The first time.
    public let start: Double
    /// The last time.
    public let end: Double
    /// The number of points used.
    public let points: Int
  }

  /// One point of a series with what the model says of it, for a chart.
  public struct Point: Sendable, Equatable {
    /// The row that was given.
    public let row: Int
    /// The time.
    public let time: Double
    /// Whether it is the treated series'; true where there is one series.
    public let isTreated: Bool
    /// Whether it was left out of the fit.
    public let isExcluded: Bool
    /// The outcome.
    public let outcome: Double
    /// What the model gives: counts where the outcome is a count.
    public let fitted: Double
    /// What it would give without the interruptions' effects.
    ///
    /// With a comparison the treated series is changed as the comparison was; the comparison's own
    /// points are as fitted.
    public let counterfactual: Double
  }

  /// The test that errors up to some lag are uncorrelated.
  public struct SerialTest: Sendable, Equatable {
    /// The highest lag tested.
    public let order: Int
    /// n R² of residuals on the regressors and their own past.
    public let statistic: Double
    /// P(χ² > statistic) on `order` degrees of freedom.
    public let pValue: Double
  }

  /// The coefficients: `(Intercept)`, `time`, `level`, `slope`, …, with `:treated` partners.
  public let table: EstimateTable
  /// The covariance of the table's rows, in their order.
  public let covariance: Matrix
  /// Each point given, the comparison's first, in order of time.
  public let points: [Point]
  /// The segments, in order.
  public let segments: [Segment]
  /// The times of the interruptions.
  public let interruptions: [Double]
  /// The lag of Newey–West errors; nil for others.
  public let lag: Int?
  /// The first-order autocorrelation of Prais–Winsten and Cochrane–Orcutt; nil for others.
  public let autocorrelation: Double?
  /// Durbin and Watson's statistic of the least squares residuals (Pearson's for counts): 2 for none,
  /// towards 0 for positive autocorrelation.
  public let durbinWatson: Double
  /// Breusch and Godfrey's test of the least squares residuals (doi 10.2307/1913829); nil for counts
  /// and where residuals are zero.
  public let breuschGodfrey: SerialTest?
  /// Things that the reader must know.
  public let notes: [String]

  private let effectPlaces: [[Int]]
  private let confidence: Double

  init(
    _ model: InterruptedTimeSeries, _ data: SegmentedSeries, _ fit: SegmentedFit, lag: Int?
  ) {
    let errors = fit.covariance.standardErrors
    let convention = "\(fit.family), \(fit.covariance.convention)"
    covariance = fit.covariance.matrix
    let rows = fit.kept.enumerated().map { place, column in
      Estimate(
        term: data.design.names[column], estimate: fit.coefficients[column],
        standardError: errors[place].isFinite ? errors[place] : nil,
        degreesOfFreedom: fit.covariance.degreesOfFreedom, level: model.level,
        convention: convention)
    }
    effectPlaces = data.effects.map { effect in
      [effect.level, effect.slope].compactMap { fit.kept.firstIndex(of: $0) }
    }
    confidence = model.level
    let coefficients = fit.coefficients.map { $0.isNaN ? 0 : $0 }
    let fitted = data.factual.matrix.times(coefficients)
    let without = data.counterfactual.matrix.times(coefficients)
    points = data.all.enumerated().map { place, row in
      let offset = data.allOffsets?[place] ?? 0
      func mean(_ predictor: Double) -> Double {
        model.isCount ? exp(predictor + offset) : predictor
      }
      return Point(
        row: row.row, time: row.time, isTreated: row.isTreated, isExcluded: row.isExcluded,
        outcome: data.outcomes[place], fitted: mean(fitted[place]),
        counterfactual: mean(without[place]))
    }
    segments = data.segments
    interruptions = data.interruptions
    self.lag = lag
    autocorrelation = fit.autocorrelation
    durbinWatson = data.durbinWatson(fit.residuals)
    breuschGodfrey =
      model.isCount
      ? nil : data.breuschGodfrey(fit.residuals, order: max(1, data.ruleOfThumb))
    notes = data.notes + fit.notes + fit.covariance.notes
    table = EstimateTable(rows: rows, observations: data.used.count, notes: notes)
  }

  /// The effect so long after an interruption: level + slope · k, by the delta method.
  ///
  /// Against the trend before it continued (and, with a comparison, changed as the comparison's
  /// did); of counts a log ratio. k is on the scale of the times, 0 being the interruption's own time;
  /// `index` counts interruptions from 0, in order. Nil for an index that there is not.
  public func effect(after k: Double, ofInterruption index: Int = 0) -> Estimate? {
    guard effectPlaces.indices.contains(index), effectPlaces[index].count == 2 else { return nil }
    let (level, slope) = (effectPlaces[index][0], effectPlaces[index][1])
    let variance =
      covariance[level, level] + 2 * k * covariance[level, slope]
      + k * k * covariance[slope, slope]
    let name =
      interruptions.count > 1
      ? "effect(\(PanelDesign.label(interruptions[index]))+\(PanelDesign.label(k)))"
      : "effect(\(PanelDesign.label(k)))"
    return Estimate(
      term: name, estimate: table.rows[level].estimate + k * table.rows[slope].estimate,
      standardError: variance >= 0 ? variance.squareRoot() : nil,
      degreesOfFreedom: table.rows[level].degreesOfFreedom, level: confidence,
      convention: table.rows[level].convention)
  }
}

extension SegmentedSeries {
  /// Σ(eₜ − eₜ₋₁)² / Σe², neighbours within a series.
  func durbinWatson(_ residuals: [Double]) -> Double {
    var (changes, squares) = (0.0, 0.0)
    for run in runs {
      for (place, row) in run.rows.enumerated() {
        squares += residuals[row] * residuals[row]
        guard place > 0 else { continue }
        let change = residuals[row] - residuals[run.rows[place - 1]]
        changes += change * change
      }
    }
    return changes / squares
  }

  /// n R² of the residuals on the design and their own past, zero before each series begins.
  func breuschGodfrey(
    _ residuals: [Double], order: Int
  ) -> InterruptedTimeSeriesResult.SerialTest? {
    var lagged = [[Double]](
      repeating: [Double](repeating: 0, count: residuals.count), count: order)
    for run in runs {
      for place in run.rows.indices {
        for lag in 1...order where place >= lag {
          lagged[lag - 1][run.rows[place]] = residuals[run.rows[place - lag]]
        }
      }
    }
    let names = design.names + (1...order).map { "lag\($0)" }
    let columns = (0..<design.columns).map { design.matrix.column($0) } + lagged
    let whole = DesignMatrix(matrix: Matrix(columns: columns), names: names)
    guard let fit = try? LeastSquares().fit(whole, response: residuals, weights: weights) else {
      return nil
    }
    let total = residuals.reduce(0) { $0 + $1 * $1 }
    let left = fit.residuals.reduce(0) { $0 + $1 * $1 }
    guard total > 0, left.isFinite else { return nil }
    let statistic = Double(residuals.count) * (1 - left / total)
    return InterruptedTimeSeriesResult.SerialTest(
      order: order, statistic: statistic,
      pValue: ChiSquared(degreesOfFreedom: Double(order)).upperTail(max(0, statistic)))
  }
}
