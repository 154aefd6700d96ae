internal import LinearAlgebra

/// A combination of a restriction's inequalities from which all effects but the target drop out.
///
/// With x the estimate less the target's hypothesised value and g the combination of estimates before
/// the reference it says slope·x + before·g − offset ≤ 0.
struct InequalityCombination: Equatable {
  var slope: Double
  var before: Double
  var offset: Double

  func value(_ x: Double, _ g: Double, _ scale: Double = 1) -> Double {
    slope * x + before * g - scale * offset
  }
}

/// All such combinations with weights γ ≥ 0 whose standard deviations add up to 1, the dual of
/// Andrews, Roth & Pakes's statistic min{η: the inequalities hold up to η standard deviations}
/// (2023, doi 10.1093/restud/rdac074).
///
/// The weights are many, but they act only through the three numbers of `InequalityCombination`, so
/// that the statistic is the support function of a convex body in three dimensions; in two where
/// all bounds are zero, and then a handful of corners is all there is.
struct RestrictionDual {
  private var program: SmallLinearProgram
  private let slope: [Double]
  private let before: [Double]
  private let offset: [Double]
  private var corners: [InequalityCombination]?

  /// The combinations for a target with weights on the effects after the reference.
  ///
  /// Returns nil where no combination exists, so that the restriction says nothing of the target.
  init?(_ restriction: TrendRestriction, target: [Double], data: EventStudyEstimates) {
    let rows = restriction.bounds.count
    let free = target.indices.max { target[$0].magnitude < target[$1].magnitude } ?? 0
    var deviation: [Double] = []
    for i in 0..<rows {
      var row = [Double](repeating: 0, count: data.eventTimes.count)
      for (k, place) in data.pre.enumerated() {
        row[place] = restriction.before[i] * restriction.combination[k]
      }
      for (k, place) in data.post.enumerated() { row[place] = restriction.after[i][k] }
      deviation.append(data.covariance.quadraticForm(row).squareRoot())
    }
    guard deviation.allSatisfy({ $0 > 0 }) else { return nil }
    // Unknowns are γ times the standard deviations, which add up to 1.
    var equations = Matrix(rows: target.count, columns: rows)
    for i in 0..<rows {
      var line = 0
      for k in target.indices where k != free {
        let own = restriction.after[i][k] - target[k] / target[free] * restriction.after[i][free]
        equations[line, i] = own / deviation[i]
        line += 1
      }
      equations[line, i] = 1
    }
    var right = [Double](repeating: 0, count: target.count)
    right[target.count - 1] = 1
    guard let program = SmallLinearProgram(equations: equations, right: right) else { return nil }
    self.program = program
    slope = (0..<rows).map { restriction.after[$0][free] / target[free] / deviation[$0] }
    before = (0..<rows).map { restriction.before[$0] / deviation[$0] }
    offset = (0..<rows).map { restriction.bounds[$0] / deviation[$0] }
    if restriction.bounds.allSatisfy({ $0 == 0 }) {
      corners = noiseOutline()
    }
  }

  /// The combination at which slope·x + before·g − scale·offset is greatest.
  mutating func greatest(_ x: Double, _ g: Double, _ scale: Double = 1) -> InequalityCombination {
    if let corners {
      var best = corners[0]
      for corner in corners where corner.value(x, g) > best.value(x, g) { best = corner }
      return best
    }
    let cost = slope.indices.map { slope[$0] * x + before[$0] * g - scale * offset[$0] }
    guard let weights = program.maximize(cost) else {
      return InequalityCombination(slope: 0, before: 0, offset: 0)
    }
    var found = InequalityCombination(slope: 0, before: 0, offset: 0)
    for (i, weight) in weights.enumerated() where weight > 0 {
      found.slope += weight * slope[i]
      found.before += weight * before[i]
      found.offset += weight * offset[i]
    }
    return found
  }

  /// The corners that matter when slope·x + before·g alone counts, counterclockwise.
  mutating func noiseOutline() -> [InequalityCombination] {
    outline({ ($0.slope, $0.before) }, { dual, u, v in dual.greatest(u, v, 0) })
  }

  /// The corners that matter as the hypothesised value moves: lines in x, by slope and height.
  mutating func lines(at g: Double) -> [InequalityCombination] {
    outline({ ($0.slope, $0.before * g - $0.offset) }, { dual, u, v in dual.greatest(u, v * g, v) })
  }

  /// The corners of the body's shadow in a plane, counterclockwise: between two known corners the
  /// farthest point outwards is looked for until there is none.
  private mutating func outline(
    _ shadow: (InequalityCombination) -> (Double, Double),
    _ farthest: (inout RestrictionDual, Double, Double) -> InequalityCombination
  ) -> [InequalityCombination] {
    var corners: [InequalityCombination] = []
    func isNew(_ candidate: InequalityCombination) -> Bool {
      let (a, b) = shadow(candidate)
      return corners.allSatisfy { known in
        let (c, d) = shadow(known)
        return (a - c).magnitude + (b - d).magnitude
          > 1e-11 * max(1, a.magnitude + b.magnitude)
      }
    }
    for (u, v) in [(1.0, 0.0), (0, 1), (-1, 0), (0, -1)] {
      let corner = farthest(&self, u, v)
      if isNew(corner) { corners.append(corner) }
    }
    guard corners.count > 1 else { return corners }
    var edge = 0
    while edge < corners.count {
      let (a, b) = shadow(corners[edge])
      let (c, d) = shadow(corners[(edge + 1) % corners.count])
      let (u, v) = (d - b, a - c)
      let length = (u * u + v * v).squareRoot()
      let candidate = farthest(&self, u / length, v / length)
      let (p, q) = shadow(candidate)
      let gain = ((p - a) * u + (q - b) * v) / length
      if gain > 1e-11 * max(1, a.magnitude + b.magnitude), isNew(candidate) {
        corners.insert(candidate, at: edge + 1)
      } else {
        edge += 1
      }
    }
    return corners
  }
}
