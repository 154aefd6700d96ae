import LinearAlgebra
import Statistics

/// The log-likelihood of a flexible model: three passes whose parts add without cross terms.
struct SplineLikelihood: Likelihood {
  let scale: RoystonParmar.Scale
  let rows: FailureTimeRows
  let columns: LikelihoodColumns
  /// The slopes of the columns that change with time.
  let slopes: Matrix
  /// Those columns' places among the parameters.
  let slopePlaces: [Int]
  let slopeBasis: ColumnBasis
  /// The design at the starts, when there is left truncation.
  let entry: Matrix?
  /// γ₀ and the baseline's functions.
  let splineColumns: Int

  init(
    scale: RoystonParmar.Scale, rows: FailureTimeRows, columns: LikelihoodColumns,
    slopes: (matrix: Matrix, places: [Int]), entry: Matrix?, splineColumns: Int
  ) {
    self.splineColumns = splineColumns
    self.scale = scale
    self.rows = rows
    self.columns = columns
    self.slopes = slopes.matrix
    self.entry = entry
    var (places, sources, scales): ([Int], [Int], [Double]) = ([], [], [])
    for (source, column) in slopes.places.enumerated() {
      guard let place = columns.kept.firstIndex(of: column) else { continue }
      places.append(place)
      sources.append(source)
      scales.append(columns.basis.scale[place])
    }
    slopePlaces = places
    slopeBasis = ColumnBasis(
      columns: sources, center: [Double](repeating: 0, count: sources.count), scale: scales)
  }

  func selecting(_ chosen: [Int]) -> SplineLikelihood? {
    SplineLikelihood(
      scale: scale, rows: rows.selecting(chosen), columns: columns.selecting(rows: chosen),
      slopes: slopes.selecting(rows: chosen), slopePlaces: slopePlaces, slopeBasis: slopeBasis,
      entry: entry?.selecting(rows: chosen), splineColumns: splineColumns)
  }

  private init(
    scale: RoystonParmar.Scale, rows: FailureTimeRows, columns: LikelihoodColumns,
    slopes: Matrix, slopePlaces: [Int], slopeBasis: ColumnBasis, entry: Matrix?,
    splineColumns: Int
  ) {
    self.scale = scale
    self.rows = rows
    self.columns = columns
    self.slopes = slopes
    self.slopePlaces = slopePlaces
    self.slopeBasis = slopeBasis
    self.entry = entry
    self.splineColumns = splineColumns
  }

  func evaluate(at parameters: [Double]) -> ObjectiveValue {
    let main = Gram.curvature(
      [(columns.matrix, columns.basis)], coefficients: [parameters], extras: 0, levelBody)
    var total = ObjectiveValue(
      value: main.value, gradient: main.gradient, information: main.information)
    let own = slopePlaces.map { parameters[$0] }
    let slope = Gram.curvature(
      [(slopes, slopeBasis)], coefficients: [own], extras: 0, slopeBody)
    total.value += slope.value
    for (k, j) in slopePlaces.enumerated() {
      total.gradient[j] += slope.gradient[k]
      for (l, i) in slopePlaces.enumerated() {
        total.information[i, j] += slope.information[l, k]
      }
    }
    if let entry {
      let before = Gram.curvature(
        [(entry, columns.basis)], coefficients: [parameters], extras: 0, entryBody)
      total.value += before.value
      for j in total.gradient.indices { total.gradient[j] += before.gradient[j] }
      total.information = total.information + before.information
    }
    return total
  }

  func scores(at parameters: [Double]) -> [ScoreChannel] {
    var channels = ScoreChannel.collect(
      [(columns.matrix, columns.basis)], coefficients: [parameters], extras: 0, levelBody)
    let slope = ScoreChannel.collect(
      [(slopes, slopeBasis)], coefficients: [slopePlaces.map { parameters[$0] }], extras: 0,
      slopeBody)
    // One channel a column, since their places among the parameters need not be neighbours.
    for channel in slope {
      for (k, place) in slopePlaces.enumerated() {
        channels.append(
          ScoreChannel(
            values: channel.values, columns: (slopes, slopeBasis.selecting([k])), at: place))
      }
    }
    if let entry {
      channels += ScoreChannel.collect(
        [(entry, columns.basis)], coefficients: [parameters], extras: 0, entryBody)
    }
    return channels
  }

  private var levelBody: FailureTimeLikelihood.Body {
    switch scale {
    case .hazard: Self.level(ExtremeValueKernel.self, rows)
    case .odds: Self.level(LogisticKernel.self, rows)
    case .normal: Self.level(NormalKernel.self, rows)
    }
  }

  private var entryBody: FailureTimeLikelihood.Body {
    switch scale {
    case .hazard: Self.entry(ExtremeValueKernel.self, rows)
    case .odds: Self.entry(LogisticKernel.self, rows)
    case .normal: Self.entry(NormalKernel.self, rows)
    }
  }

  private static func level<Kernel: ErrorKernel>(
    _ kernel: Kernel.Type, _ rows: FailureTimeRows
  ) -> FailureTimeLikelihood.Body {
    { range, run in
      let (eta, gradient, information) = (
        run.predictor(0), run.gradient(0), run.information(0, 0)
      )
      var total = 0.0
      for i in 0..<range.count {
        let row = range.lowerBound + i
        let weight = rows.weights?[row] ?? 1
        let z = eta[i] + (rows.offset?[row] ?? 0)
        let died = rows.event[row]
        let own = died ? Kernel.density(z) : Kernel.survivor(z)
        total += weight * (died ? own.value - rows.logTime[row] : own.value)
        gradient[i] = weight * own.slope
        information[i] = weight * own.bend
      }
      return total
    }
  }

  private static func entry<Kernel: ErrorKernel>(
    _ kernel: Kernel.Type, _ rows: FailureTimeRows
  ) -> FailureTimeLikelihood.Body {
    { range, run in
      let (eta, gradient, information) = (
        run.predictor(0), run.gradient(0), run.information(0, 0)
      )
      var total = 0.0
      for i in 0..<range.count {
        let row = range.lowerBound + i
        (gradient[i], information[i]) = (0, 0)
        guard let logStart = rows.logStart, logStart[row] > -.infinity else { continue }
        let weight = rows.weights?[row] ?? 1
        let before = Kernel.survivor(eta[i] + (rows.offset?[row] ?? 0))
        total -= weight * before.value
        gradient[i] = -weight * before.slope
        information[i] = -weight * before.bend
      }
      return total
    }
  }

  /// log of the slope at the events.
  private var slopeBody: FailureTimeLikelihood.Body {
    let rows = rows
    return { range, run in
      let (slope, gradient, information) = (
        run.predictor(0), run.gradient(0), run.information(0, 0)
      )
      var total = 0.0
      for i in 0..<range.count {
        let row = range.lowerBound + i
        (gradient[i], information[i]) = (0, 0)
        guard rows.event[row] else { continue }
        guard slope[i] > 0 else {
          total = -.infinity
          continue
        }
        let weight = rows.weights?[row] ?? 1
        let inverse = 1 / slope[i]
        total += weight * logarithm(slope[i])
        gradient[i] = weight * inverse
        information[i] = weight * inverse * inverse
      }
      return total
    }
  }

  /// A note when some row's cumulative hazard falls at the end of its own follow-up.
  func monotonicityNotes(at parameters: [Double], _ logTime: [Double]) -> [String] {
    let own = zip(slopePlaces, slopeBasis.scale).map { parameters[$0] / $1 }
    let values = slopes.selecting(columns: slopeBasis.columns).times(own)
    let falling = values.indices.filter { values[$0] <= 0 }
    guard !falling.isEmpty else { return [] }
    return [
      "the fitted cumulative hazard falls at the time of \(falling.count) rows, which no hazard can:"
        + " use fewer knots or fewer time-varying functions"
    ]
  }
}
