import LinearAlgebra
import Statistics

/// The pieces of time that each row spends under observation.
struct TimePieces: Sendable {
  /// For each row its first piece and the one after its last.
  let first: [Int32]
  let end: [Int32]
  /// For each row the time spent in its first and its last piece; in those between it spends all.
  ///
  /// When both are one piece, `lastTime` counts.
  let firstTime: [Double]
  let lastTime: [Double]
  /// The length of each piece.
  let lengths: [Double]

  var count: Int { lengths.count }
}

/// How a row's piece enters the likelihood.
enum PieceLink: Sendable {
  /// Hazard e^η throughout the piece: a Poisson count with the time spent as exposure.
  case poisson
  /// Probability of the event in the piece 1 − exp(−e^η).
  case cloglog
  /// Probability of the event in the piece 1/(1 + e^{−η}).
  case logit
}

/// The log-likelihood of hazards that depend on the piece of time and on covariates that do not change:
/// η = baseline(piece) + xβ.
///
/// It equals that of one row a piece, which is never made: a run of rows at a time, the pieces' weights
/// stand in a rows × pieces block and their products with the covariates are taken at once.
struct BaselineLikelihood: Likelihood {
  let link: PieceLink
  let rows: FailureTimeRows
  let pieces: TimePieces
  let columns: LikelihoodColumns
  /// Pieces × baseline parameters, in a basis whose products are well conditioned.
  let baseline: Matrix
  /// Whether second derivatives are expected ones, given who is at risk, as in generalised linear
  /// models; they differ from the observed ones for the complementary log-log link.
  var expected = false

  func evaluate(at parameters: [Double]) -> ObjectiveValue {
    let p = columns.count
    let levels = baseline.times(Array(parameters[p...]))
    let sums = Gram.curvature(
      [(columns.matrix, columns.basis)], coefficients: [Array(parameters[..<p])],
      extras: pieces.count, body(levels))
    return reduced(sums)
  }

  /// From one parameter a piece to those of the baseline.
  private func reduced(_ sums: Gram.Curvature) -> ObjectiveValue {
    let (p, k, b) = (columns.count, pieces.count, baseline.columns)
    let gradient =
      Array(sums.gradient[..<p]) + baseline.transposedTimes(Array(sums.gradient[p...]))
    var information = Matrix(rows: p + b, columns: p + b)
    for j in 0..<p { for i in 0..<p { information[i, j] = sums.information[i, j] } }
    let all = Array(0..<(p + k))
    let cross = Matrix.product(
      baseline,
      sums.information.selecting(columns: Array(all[..<p])).selecting(
        rows: Array(all[p...])), transposeLeft: true)
    for j in 0..<p {
      for i in 0..<b {
        information[p + i, j] = cross[i, j]
        information[j, p + i] = cross[i, j]
      }
    }
    // Pieces meet in no row's likelihood, so their own part is diagonal.
    let weights = (0..<k).map { sums.information[p + $0, p + $0] }
    let own = Gram.product(baseline, weights: weights)
    for j in 0..<b { for i in 0..<b { information[p + i, p + j] = own[i, j] } }
    return ObjectiveValue(value: sums.value, gradient: gradient, information: information)
  }

  func scores(at parameters: [Double]) -> [ScoreChannel] {
    let p = columns.count
    let levels = baseline.times(Array(parameters[p...]))
    let channels = ScoreChannel.collect(
      [(columns.matrix, columns.basis)], coefficients: [Array(parameters[..<p])],
      extras: pieces.count, body(levels))
    return [channels[0]]
      + (0..<baseline.columns).map { b in
        var values = [Double](repeating: 0, count: rows.count)
        for k in 0..<pieces.count where baseline[k, b] != 0 {
          let share = baseline[k, b]
          for i in values.indices { values[i] += share * channels[1 + k].values[i] }
        }
        return ScoreChannel(values: values, columns: nil, at: p + b)
      }
  }

  private func body(_ levels: [Double]) -> FailureTimeLikelihood.Body {
    let (rows, pieces, link, expected) = (rows, pieces, link, expected)
    return { range, run in
      let count = pieces.count
      for k in 0..<count {
        run.gradient(1 + k).update(repeating: 0, count: range.count)
        run.information(0, 1 + k).update(repeating: 0, count: range.count)
      }
      let (eta, g0, h00) = (run.predictor(0), run.gradient(0), run.information(0, 0))
      let stride = count > 1 ? run.gradient(2) - run.gradient(1) : 0
      let (g, h) = (run.gradient(1), run.information(0, 1))
      var total = 0.0
      levels.withUnsafeBufferPointer { levels in
        for i in 0..<range.count {
          let row = range.lowerBound + i
          let weight = rows.weights?[row] ?? 1
          let location = eta[i] + (rows.offset?[row] ?? 0)
          let (first, end) = (Int(pieces.first[row]), Int(pieces.end[row]))
          let factor = link == .logit ? 0 : exponential(location)
          var (value, slope, bend) = (0.0, 0.0, 0.0)
          for k in first..<Swift.max(first, end) {
            let died = k == end - 1 && rows.event[row]
            let part: ErrorDerivatives
            switch link {
            case .poisson:
              let time =
                k == end - 1
                ? pieces.lastTime[row] : k == first ? pieces.firstTime[row] : pieces.lengths[k]
              let mean = time * factor * exponential(levels[k])
              part = ErrorDerivatives(
                value: (died ? levels[k] + location : 0) - mean, slope: (died ? 1 : 0) - mean,
                bend: mean)
            case .cloglog:
              let mean = factor * exponential(levels[k])
              var own =
                died
                ? Self.eventProbability(mean, levels[k] + location)
                : ErrorDerivatives(value: -mean, slope: -mean, bend: mean)
              if expected { own.bend = mean * Self.eventProbability(mean, 0).slope }
              part = own
            case .logit:
              let own = LogisticKernel.survivor(levels[k] + location)
              part =
                died
                ? ErrorDerivatives(
                  value: own.value + levels[k] + location, slope: 1 + own.slope, bend: own.bend)
                : own
            }
            value += part.value
            slope += part.slope
            bend += part.bend
            g[i + k * stride] = weight * part.slope
            h[i + k * stride] = weight * part.bend
          }
          total += weight * value
          g0[i] = weight * slope
          h00[i] = weight * bend
        }
      }
      // The pieces' own sums.
      for k in 0..<count {
        var sum = 0.0
        for i in 0..<range.count { sum += h[i + k * stride] }
        run.corner[k + k * count] += sum
      }
      return total
    }
  }

  /// log(1 − e^{−m}) by η = log m.
  @inline(__always)
  private static func eventProbability(_ mean: Double, _ eta: Double) -> ErrorDerivatives {
    // m/(e^m − 1), which tends to 1 − m/2.
    let ratio = mean < 1e-8 ? 1 - mean / 2 : mean / exponentialMinusOne(mean)
    let value = mean < 1e-8 ? eta - mean / 2 : logarithm(-exponentialMinusOne(-mean))
    // d ratio/dη = ratio·(1 − m − ratio).
    return ErrorDerivatives(value: value, slope: ratio, bend: -ratio * (1 - mean - ratio))
  }
}
