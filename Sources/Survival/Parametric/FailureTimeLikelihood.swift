import LinearAlgebra
import Statistics

/// The columns of a parametric likelihood, one entry a row.
struct FailureTimeRows: Sendable {
  let logTime: [Double]
  let logStart: [Double]?
  let time: [Double]
  let start: [Double]?
  let event: [Bool]
  let weights: [Double]?
  let offset: [Double]?
  /// The mean time, in which Gompertz's time is counted.
  let unit: Double

  init(_ input: LikelihoodInput) {
    logTime = input.logTimes
    logStart = input.logStarts
    let mean = input.time.reduce(0, +) / Double(input.count)
    unit = mean
    time = input.time.map { $0 / mean }
    start = input.start.map { $0.map { $0 / mean } }
    event = input.event
    weights = input.weights
    offset = input.offset
  }

  private init(
    logTime: [Double], logStart: [Double]?, time: [Double], start: [Double]?, event: [Bool],
    weights: [Double]?, offset: [Double]?, unit: Double
  ) {
    self.logTime = logTime
    self.logStart = logStart
    self.time = time
    self.start = start
    self.event = event
    self.weights = weights
    self.offset = offset
    self.unit = unit
  }

  var count: Int { time.count }

  /// The named rows, in the same unit.
  func selecting(_ rows: [Int]) -> FailureTimeRows {
    FailureTimeRows(
      logTime: rows.map { logTime[$0] }, logStart: logStart.map { all in rows.map { all[$0] } },
      time: rows.map { time[$0] }, start: start.map { all in rows.map { all[$0] } },
      event: rows.map { event[$0] }, weights: weights.map { all in rows.map { all[$0] } },
      offset: offset.map { all in rows.map { all[$0] } }, unit: unit)
  }
}

/// The log-likelihood of a parametric regression: the coefficients in the basis, then log σ and Q, or
/// Gompertz's shape.
struct FailureTimeLikelihood: Likelihood {
  let family: FailureTimeFamily
  let rows: FailureTimeRows
  let columns: LikelihoodColumns

  var extras: Int { family.ancillaryNames.count }

  func evaluate(at parameters: [Double]) -> ObjectiveValue {
    let body = body(Array(parameters[columns.count...]))
    let sums = Gram.curvature(
      [(columns.matrix, columns.basis)], coefficients: [Array(parameters[..<columns.count])],
      extras: extras, body)
    return ObjectiveValue(
      value: sums.value, gradient: sums.gradient, information: sums.information)
  }

  func scores(at parameters: [Double]) -> [ScoreChannel] {
    ScoreChannel.collect(
      [(columns.matrix, columns.basis)], coefficients: [Array(parameters[..<columns.count])],
      extras: extras, body(Array(parameters[columns.count...])))
  }

  func selecting(_ chosen: [Int]) -> FailureTimeLikelihood? {
    FailureTimeLikelihood(
      family: family, rows: rows.selecting(chosen), columns: columns.selecting(rows: chosen))
  }

  /// One run of rows.
  typealias Body = @Sendable (Range<Int>, Gram.CurvatureRows) -> Double

  private func body(_ ancillary: [Double]) -> Body {
    let rows = rows
    switch family {
    case .weibull: return Self.locationScale(ExtremeValueKernel.self, rows, ancillary[0], 1)
    case .exponential: return Self.locationScale(ExtremeValueKernel.self, rows, 0, 0)
    case .lognormal: return Self.locationScale(NormalKernel.self, rows, ancillary[0], 1)
    case .loglogistic: return Self.locationScale(LogisticKernel.self, rows, ancillary[0], 1)
    case .gamma:
      return Self.generalizedGamma(rows, ancillary[0], exponential(ancillary[0]), tied: true)
    case .generalizedGamma:
      return Self.generalizedGamma(rows, ancillary[0], ancillary[1], tied: false)
    case .gompertz: return Self.gompertz(rows, ancillary[0])
    }
  }
}

extension ScoreChannel {
  /// Runs a body for the rows' scores alone.
  static func collect(
    _ designs: [(matrix: Matrix, basis: ColumnBasis)], coefficients: [[Double]], extras: Int,
    _ body: @Sendable (Range<Int>, Gram.CurvatureRows) -> Double
  ) -> [ScoreChannel] {
    let channels = designs.count + extras
    let rows = designs.first?.matrix.rows ?? 0
    let store = Shared<Double>(count: rows * channels)
    _ = Gram.curvature(designs, coefficients: coefficients, extras: extras) { range, run in
      let value = body(range, run)
      for channel in 0..<channels {
        (store.pointer + channel * rows + range.lowerBound).update(
          from: run.gradient(channel), count: range.count)
      }
      return value
    }
    let all = store.array
    var at = 0
    return (0..<channels).map { channel in
      let values = Array(all[(channel * rows)..<((channel + 1) * rows)])
      let columns = channel < designs.count ? designs[channel] : nil
      defer { at += columns?.basis.count ?? 1 }
      return ScoreChannel(values: values, columns: columns, at: at)
    }
  }
}

extension FailureTimeLikelihood {
  /// Location and scale, log T = η + e^s W; `ancillary` is 1 when s is estimated, 0 when it is held.
  private static func locationScale<Kernel: ErrorKernel>(
    _ kernel: Kernel.Type, _ rows: FailureTimeRows, _ s: Double, _ ancillary: Int
  ) -> Body {
    let inverse = exponential(-s)
    return { range, run in
      let (eta, g0, h00) = (run.predictor(0), run.gradient(0), run.information(0, 0))
      let g1 = ancillary == 1 ? run.gradient(1) : g0
      let h01 = ancillary == 1 ? run.information(0, 1) : h00
      var (total, corner) = (0.0, 0.0)
      rows.logTime.withUnsafeBufferPointer { y in
        rows.event.withUnsafeBufferPointer { event in
          for i in 0..<range.count {
            let row = range.lowerBound + i
            let location = eta[i] + (rows.offset?[row] ?? 0)
            let weight = rows.weights?[row] ?? 1
            let z = (y[row] - location) * inverse
            let died = event[row]
            let own = died ? Kernel.density(z) : Kernel.survivor(z)
            var value = died ? own.value - s - y[row] : own.value
            var slope = own.slope
            var bend = own.bend
            var scaleSlope = -z * own.slope - (died ? 1 : 0)
            var cross = -own.slope + z * own.bend
            var scaleBend = -z * own.slope + z * z * own.bend
            if let logStart = rows.logStart, logStart[row] > -.infinity {
              let z0 = (logStart[row] - location) * inverse
              let before = Kernel.survivor(z0)
              value -= before.value
              slope -= before.slope
              bend -= before.bend
              scaleSlope += z0 * before.slope
              cross -= -before.slope + z0 * before.bend
              scaleBend -= -z0 * before.slope + z0 * z0 * before.bend
            }
            total += weight * value
            g0[i] = -weight * slope * inverse
            h00[i] = weight * bend * inverse * inverse
            if ancillary == 1 {
              g1[i] = weight * scaleSlope
              h01[i] = weight * cross * inverse
              corner += weight * scaleBend
            }
          }
        }
      }
      if ancillary == 1 { run.corner[0] += corner }
      return total
    }
  }
}
