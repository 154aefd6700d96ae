internal import LinearAlgebra

extension RandomizationInference {
  /// The estimates under all assignments worked through, ready to be compared under any null.
  struct Reference: Sendable {
    let observed: LaunchProducts.Draw
    let draws: [LaunchProducts.Draw]
    let isExact: Bool
    let undefined: Int
    /// Statistics count as tied within this share of the observed one.
    static let tie = 1e-9

    init(_ products: LaunchProducts, _ assignments: Assignments) {
      observed = products.observed
      draws = Parallel.mapBlocks(assignments.blocks) { block in
        var part: [LaunchProducts.Draw] = []
        part.reserveCapacity(Assignments.blockSize)
        assignments.forEach(inBlock: block) { part.append(products.draw($0)) }
        return part
      }.flatMap { $0 }
      isExact = assignments.listed != nil
      undefined = draws.count { !$0.isDefined }
    }

    /// Whether the estimate has a standard error to be divided by.
    var hasError: Bool { observed.v0 > 1e-24 * observed.outcome * observed.outcome }

    /// The p-value of a count: the share when all are listed, else with the observed one counted.
    func p(_ count: Int) -> Double {
      isExact
        ? Double(count) / Double(draws.count) : Double(1 + count) / Double(1 + draws.count)
    }

    func coefficientP(_ null: Double) -> Double {
      let bar = (observed.outcome - null).magnitude * (1 - Self.tie)
      var count = 0
      for draw in draws where !((draw.outcome - null * draw.treatment).magnitude < bar) {
        count += 1
      }
      return p(count)
    }

    func studentizedP(_ null: Double) -> Double {
      let effect = observed.outcome - null
      let bar = effect * effect / observed.v0 * (1 - 2 * Self.tie)
      var count = 0
      for draw in draws {
        let value = draw.outcome - null * draw.treatment
        // A zero variance leaves an infinite statistic, and an undefined one counts too.
        if !(value * value < bar * draw.variance(null)) { count += 1 }
      }
      return p(count)
    }

    /// The covering interval of the nulls with p above 1 − level, from exact crossing points.
    ///
    /// An assignment with outcome a and treatment r counts where (a − τr)² ≥ (â − τ)²: between
    /// the roots (a − â)/(r − 1) and (a + â)/(r + 1) when |r| < 1, outside them when |r| > 1.
    func coefficientInterval(_ level: Double) -> ConfidenceInterval {
      var always = 0
      var high = Edges()
      var low = Edges()
      let estimate = observed.outcome
      let scale = max(estimate.magnitude, observed.v0.squareRoot(), .leastNormalMagnitude)
      for draw in draws {
        let (a, r) = (draw.outcome, draw.treatment)
        guard draw.isDefined else {
          always += 1
          continue
        }
        let (down, up) = ((r - 1).magnitude < 1e-9, (r + 1).magnitude < 1e-9)
        if down && (a - estimate).magnitude < 1e-9 * scale
          || up && (a + estimate).magnitude < 1e-9 * scale
        {
          always += 1
        } else if down {
          let root = (a + estimate) / 2
          a > estimate ? high.add(-.infinity, root) : high.add(root, .infinity)
        } else if up {
          let root = (estimate - a) / 2
          a + estimate > 0 ? high.add(root, .infinity) : high.add(-.infinity, root)
        } else {
          let (x, y) = ((a - estimate) / (r - 1), (a + estimate) / (r + 1))
          if r.magnitude < 1 {
            high.add(min(x, y), max(x, y))
          } else {
            high.add(-.infinity, min(x, y))
            high.add(max(x, y), .infinity)
          }
        }
      }
      low = high.mirrored
      let needed = countAbove(1 - level) - always
      return ConfidenceInterval(
        low: -low.last(atLeast: needed), high: high.last(atLeast: needed), level: level)
    }

    /// The least count whose p-value is above alpha.
    private func countAbove(_ alpha: Double) -> Int {
      let size = Double(draws.count)
      let limit = isExact ? alpha * size : alpha * (size + 1) - 1
      // 0.05 × 20 must not be told apart from 1 by rounding.
      return Int(((limit + 1e-9 * size).rounded(.down))) + 1
    }

    /// The nearest nulls on both sides of the estimate at which the t test rejects.
    func studentizedInterval(_ level: Double) -> ConfidenceInterval {
      NullInversion(
        estimate: observed.outcome, scale: observed.v0.squareRoot(), level: level
      ).interval { studentizedP($0) }
    }
  }

  /// Closed intervals of nulls, of which the last point that enough of them cover is asked.
  struct Edges: Sendable {
    var starts: [Double] = []
    var ends: [Double] = []

    mutating func add(_ start: Double, _ end: Double) {
      starts.append(start)
      ends.append(end)
    }

    var mirrored: Edges { Edges(starts: ends.map { -$0 }, ends: starts.map { -$0 }) }

    /// The largest null covered by at least `needed` intervals; ∞ when none is needed.
    func last(atLeast needed: Int) -> Double {
      guard needed > 0 else { return .infinity }
      let ends = ends.sorted(by: >)
      let starts = starts.sorted(by: >)
      var (covered, closed) = (0, 0)
      for end in ends {
        covered += 1
        // Intervals that lie wholly to the right cover this point no longer.
        while closed < starts.count, starts[closed] > end {
          covered -= 1
          closed += 1
        }
        if covered >= needed { return end }
      }
      return -.infinity
    }
  }
}

/// The nulls nearest to an estimate that a test rejects.
struct NullInversion {
  var estimate: Double
  /// A length to step by at first, such as a standard error.
  var scale: Double
  var level: Double

  /// The interval between the nearest rejected nulls; infinite where none is met within 10⁹ steps.
  func interval(_ p: (Double) -> Double) -> ConfidenceInterval {
    ConfidenceInterval(low: end(-1, p), high: end(1, p), level: level)
  }

  private func end(_ side: Double, _ p: (Double) -> Double) -> Double {
    let alpha = (1 - level) * (1 + 1e-12)
    var inside = 0.0
    var outside = scale / 4
    while p(estimate + side * outside) > alpha {
      inside = outside
      outside *= inside < 4 * scale ? 1.25 : 2
      guard outside < 1e9 * scale else { return side * .infinity }
    }
    for _ in 0..<70 {
      let middle = inside + (outside - inside) / 2
      guard middle > inside, middle < outside else { break }
      if p(estimate + side * middle) > alpha { inside = middle } else { outside = middle }
    }
    return estimate + side * inside
  }
}
