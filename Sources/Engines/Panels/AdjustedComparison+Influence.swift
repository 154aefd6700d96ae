internal import DifferenceInDifferences
internal import LinearAlgebra
internal import Statistics
internal import Tables

extension AdjustedComparison {
  /// Sums of controls by the odds of treatment, and of all compared for the model of treatment.
  struct OddsSums {
    var total = 0.0
    var design: [Double] = []
    var outcomes: [Double] = []
    /// Σ o·x·e: a row for each column of the design.
    var cross: Matrix
    var information: Matrix
    var trimmed = 0
    var near = 0.0
  }

  func weigh(_ members: EngineData) throws(SiblingError) -> OddsSums {
    let (p, odds) = (named("p"), named("o"))
    let design = self.design
    let cross = CrossProduct(design, prefix: "h")
    var sums = [
      NamedExpression(
        "trimmed", .both(isControl, .comparison(.atLeast, p, .constant(0.995)))),
      NamedExpression("near", .both(isTreated, .comparison(.atLeast, p, .constant(0.999)))),
    ]
    for (k, x) in design.enumerated() { sums.append(NamedExpression("d\(k)", odds * x)) }
    for cell in cells {
      for (k, x) in design.enumerated() {
        sums.append(NamedExpression("e\(k)_\(cell)", odds * x * named("e\(cell)")))
      }
    }
    sums += cross.sums(weight: named("v"))
    var values: [Double] = []
    members.progress?("group-time effects: controls by their odds of treatment")
    for range in Parallel.ranges(of: sums.count, size: 400) {
      let found = try members.aggregate(
        also: isCompared, layers: Array(layers.dropLast()), sums: Array(sums[range]))
      values += found.sums.map { $0.first ?? 0 }
    }
    let size = design.count
    var result = OddsSums(
      cross: Matrix(rows: size, columns: cells.count), information: .identity(size))
    result.trimmed = Int(values[0].rounded())
    result.near = values[1]
    result.design = Array(values[2..<(2 + size)])
    result.total = result.design[0]
    var at = 2 + size
    for cell in cells {
      for k in 0..<size { result.cross[k, cell] = values[at + k] }
      result.outcomes.append(values[at])
      at += size
    }
    result.information = cross.matrix(values[at...])
    return result
  }

  /// How many layers a comparison has.
  static let depth = 6

  /// Layers that end in the influence `i` of each cell: what a unit adds to its effect's error.
  var layers: [[NamedExpression]] {
    let design = self.design
    var values = standardised.enumerated().map { named("z\($0)", $1) }
    values += [named("t", isTreated), named("c", isControl), named("w", weight)]
    var residuals = cells.map { cell in
      let fitted = slopes.map { RowExpression.predictor(design, $0.column(cell)) }
      return named("e\(cell)", fitted.map { changes[cell] - $0 } ?? changes[cell])
    }
    if !lean.isEmpty { residuals.append(named("lean", .predictor(design, lean))) }
    var (bounded, probability, odds): ([NamedExpression], [NamedExpression], [NamedExpression]) =
      ([], [], [])
    if let score {
      residuals.append(named("raw", .predictor(design, score)))
      bounded = [named("eta", .clamped(named("raw"), bound: 30))]
      probability = [named("p", .inverseLogit(named("eta")))]
      let (p, w, one) = (named("p"), named("w"), RowExpression.constant(1))
      let isLike = RowExpression.both(
        .comparison(.equal, named("c"), one), .comparison(.less, p, .constant(0.995)))
      odds = [
        named("o", .chosen(isLike, then: w * p / (one - p), otherwise: .constant(0))),
        named("v", w * p * (one - p)),
      ]
      if let scoreLean {
        odds += cells.map { named("l\($0)", .predictor(design, scoreLean.column($0))) }
      }
    }
    return [
      values, residuals, bounded, probability, odds, cells.map { named("i\($0)", influence($0)) },
    ]
  }

  private func influence(_ cell: Int) -> RowExpression {
    guard answer.problem == nil, !treatedMean.isEmpty else { return .constant(0) }
    let (w, e) = (named("w"), named("e\(cell)"))
    var treated = w * (e - .constant(treatedMean[cell])) / .constant(own.weight)
    var control = lean.isEmpty ? RowExpression.constant(0) : w * e * named("lean")
    if score != nil {
      var weighed = named("o") * (e - .constant(controlMean[cell]))
      if scoreLean != nil {
        let (p, l) = (named("p"), named("l\(cell)"))
        treated = treated - w * (.constant(1) - p) * l / .constant(divisor)
        weighed = weighed - w * p * l
      }
      control = control - weighed / .constant(divisor)
    }
    let one = RowExpression.constant(1)
    return .chosen(
      .comparison(.equal, named("t"), one), then: treated,
      otherwise: .chosen(
        .comparison(.equal, named("c"), one), then: control, otherwise: .constant(0)))
  }

  /// The influence of each cell, once the layers are computed.
  var influences: [RowExpression] { cells.map { named("i\($0)") } }
}
