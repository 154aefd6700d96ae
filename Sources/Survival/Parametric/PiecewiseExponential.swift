import LinearAlgebra
public import Statistics

/// The piecewise exponential model: a hazard that is constant between cuts, times exp(xβ).
///
/// Terms `(0,13]`, `(13,26]`, … are the log hazards of the pieces at xβ = 0, per unit of time; the
/// coefficients of covariates are log hazard ratios. Without covariates a piece's hazard is its events
/// over the time spent in it. The likelihood is that of a Poisson count with the time spent as exposure.
///
/// Holford (1980), doi:10.2307/2529982; Friedman (1982), doi:10.1214/aos/1176345693.
/// - Complexity: O(n p (p + pieces)) a Newton step; rows are not split.
public struct PiecewiseExponential: Sendable {
  /// Where one piece ends and the next begins, ascending and above zero.
  public var cuts: [Double]
  /// Whether a robust variance is made; nil: with a cluster or weights that are not whole.
  public var robust: Bool?

  /// A model with its cuts.
  public init(cuts: [Double], robust: Bool? = nil) {
    self.cuts = cuts
    self.robust = robust
  }

  /// Fits the model.
  ///
  /// An intercept in the design is left out.
  /// - Throws: as ``SurvivalRegression/fit(_:_:weights:offset:cluster:)``; `invalid-option` for cuts
  ///   that do not ascend from above zero; `no-events` for a piece without events.
  public func fit(
    _ times: SurvivalTimes, _ design: DesignMatrix, weights: [Double]? = nil,
    offset: [Double]? = nil, cluster: Factor? = nil
  ) throws(SiblingError) -> ParametricFit {
    guard !cuts.isEmpty, zip([0] + cuts, cuts).allSatisfy({ $0 < $1 }), cuts.count <= 200,
      cuts.allSatisfy(\.isFinite)
    else {
      throw SiblingError(
        .invalidOption, "cuts must ascend from above zero, 200 at most", help: "such as 13,26",
        column: "cuts")
    }
    let input = try LikelihoodInput(
      times, design.removingIntercept(), weights: weights, offset: offset, cluster: cluster)
    let pieces = pieces(input)
    var events = [Bool](repeating: false, count: pieces.count)
    for i in 0..<input.count where input.event[i] { events[Int(pieces.end[i]) - 1] = true }
    let names = pieceNames
    if let empty = events.firstIndex(of: false) {
      throw SiblingError(
        .noEvents, "no row has the event in \(names[empty]), so its hazard is zero",
        help: "choose other cuts", column: "cuts")
    }
    let columns = try LikelihoodColumns(input.design, centring: true)
    let likelihood = BaselineLikelihood(
      link: .poisson, rows: FailureTimeRows(input), pieces: pieces, columns: columns,
      baseline: .identity(pieces.count))
    let rate = logarithm(Double(input.events) / input.time.reduce(0, +))
    let start =
      [Double](repeating: 0, count: columns.count)
      + [Double](repeating: rate, count: pieces.count)
    let solution = LikelihoodMaximiser().maximise(likelihood, from: start)
    return try ParametricFit.make(
      likelihood, solution, input,
      BaselineFit.parts(
        columns, baseline: .identity(pieces.count), names: names,
        intercept: [Double](repeating: 1, count: pieces.count), scale: "log hazard ratio",
        model: "piecewise exponential", notes: columns.notes, robust: robust))
  }

  private var pieceNames: [String] {
    let ends = cuts.map(Self.plain)
    return zip(["0"] + ends, ends + ["Inf"]).map { "(\($0),\($1)]" }
  }

  private static func plain(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }

  private func pieces(_ input: LikelihoodInput) -> TimePieces {
    let edges = [0] + cuts
    let lengths = zip(edges, cuts).map { $1 - $0 } + [.infinity]
    var (first, end): ([Int32], [Int32]) = ([], [])
    var (firstTime, lastTime): ([Double], [Double]) = ([], [])
    for i in 0..<input.count {
      let (start, stop) = (input.start?[i] ?? 0, input.time[i])
      let from = cuts.partitionPoint { $0 <= start }
      let to = cuts.partitionPoint { $0 < stop }
      first.append(Int32(from))
      end.append(Int32(to + 1))
      firstTime.append((from < cuts.count ? cuts[from] : stop) - start)
      lastTime.append(stop - Swift.max(start, edges[to]))
    }
    return TimePieces(
      first: first, end: end, firstTime: firstTime, lastTime: lastTime, lengths: lengths)
  }
}

/// What fits of a baseline by pieces have in common.
enum BaselineFit {
  /// Baseline terms first, then the covariates; `intercept` is what the centres of the covariates
  /// add to each baseline parameter.
  static func parts(
    _ columns: LikelihoodColumns, baseline: Matrix, names: [String], intercept: [Double],
    scale: String, model: String, notes: [String], robust: Bool?
  ) -> ParametricFit.Parts {
    let (p, b) = (columns.count, names.count)
    var back = Matrix(rows: p + b, columns: p + b)
    let (shift, multipliers) = (columns.shift, columns.basis.multipliers)
    for j in 0..<p {
      back[b + j, j] = multipliers[j]
      for k in 0..<b { back[k, j] = intercept[k] * shift[j] }
    }
    for l in 0..<b { for k in 0..<b { back[k, p + l] = baseline[k, l] } }
    return ParametricFit.Parts(
      names: names + columns.names, places: Array(0..<b) + columns.kept.map { b + $0 },
      back: back, level: [Double](repeating: 0, count: p + b), scale: scale, model: model,
      notes: notes, robust: robust)
  }
}
