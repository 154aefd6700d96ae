/// An estimate that is linear in the outcome, under every exchange of treatment worked through.
///
/// Its answer to y − τD under an exchange is a − τr, with a its answer to y and r its answer to the
/// observed treatment D; under no exchange r is 1. That is all that p-values and exact intervals of a
/// constant effect need.
public struct ExchangeReference: Sendable, Equatable {
  /// The estimator's answers under one exchange.
  public struct Draw: Sendable, Equatable {
    /// The answer to the outcome.
    public var outcome: Double
    /// The answer to the observed treatment.
    public var treatment: Double

    /// The answers under one exchange.
    public init(outcome: Double, treatment: Double) {
      self.outcome = outcome
      self.treatment = treatment
    }

    /// An exchange under which there is no estimate; it counts as at least as extreme.
    public static let undefined = Draw(outcome: .nan, treatment: .nan)

    /// Whether there is an estimate.
    public var isDefined: Bool { outcome.isFinite && treatment.isFinite }
  }

  /// The estimate as observed.
  public let observed: Double
  /// The answers under each exchange.
  public let draws: [Draw]
  /// Whether the draws are all exchanges, the observed one among them.
  public let isExact: Bool
  /// Exchanges under which there is no estimate.
  public let undefined: Int
  /// A length below which differences are rounding.
  private let scale: Double
  /// Statistics count as tied within this share of the observed one.
  public static let tie = 1e-9

  /// The answers; `scale` is a length such as the estimate's standard error.
  public init(observed: Double, draws: [Draw], isExact: Bool, scale: Double = 0) {
    self.observed = observed
    self.draws = draws
    self.isExact = isExact
    undefined = draws.count { !$0.isDefined }
    let spread = draws.reduce(0.0) { $1.isDefined ? max($0, $1.outcome.magnitude) : $0 }
    self.scale = max(
      observed.magnitude, scale > 0 ? scale : spread, .leastNormalMagnitude)
  }

  /// The p-value of a count: the share when all are listed, else with the observed one counted.
  public func share(_ count: Int) -> Double {
    isExact ? Double(count) / Double(draws.count) : Double(1 + count) / Double(1 + draws.count)
  }

  /// The smallest two-sided p-value that listed exchanges can give.
  ///
  /// An exchange that answers the treatment with 1 or −1 ties with the observed one whatever the outcome:
  /// itself, and the one that turns treatment round where there is such.
  public var attainable: Double {
    share(draws.count { ($0.treatment.magnitude - 1).magnitude < 1e-9 })
  }

  /// The two-sided p-value of a constant effect.
  public func pValue(_ null: Double) -> Double {
    let bar = (observed - null).magnitude * (1 - Self.tie)
    var count = 0
    for draw in draws where !((draw.outcome - null * draw.treatment).magnitude < bar) {
      count += 1
    }
    return share(count)
  }

  /// The covering interval of the nulls with p above 1 − level, from exact crossing points.
  ///
  /// An exchange counts where (a − τr)² ≥ (â − τ)²: between the roots (a − â)/(r − 1) and
  /// (a + â)/(r + 1) when |r| < 1, outside them when |r| > 1.
  public func interval(_ level: Double) -> ConfidenceInterval {
    var always = 0
    var high = Edges()
    for draw in draws {
      let (a, r) = (draw.outcome, draw.treatment)
      guard draw.isDefined else {
        always += 1
        continue
      }
      let (down, up) = ((r - 1).magnitude < 1e-9, (r + 1).magnitude < 1e-9)
      if down && (a - observed).magnitude < 1e-9 * scale
        || up && (a + observed).magnitude < 1e-9 * scale
      {
        always += 1
      } else if down {
        let root = (a + observed) / 2
        a > observed ? high.add(-.infinity, root) : high.add(root, .infinity)
      } else if up {
        let root = (observed - a) / 2
        a + observed > 0 ? high.add(root, .infinity) : high.add(-.infinity, root)
      } else {
        let (x, y) = ((a - observed) / (r - 1), (a + observed) / (r + 1))
        if r.magnitude < 1 {
          high.add(min(x, y), max(x, y))
        } else {
          high.add(-.infinity, min(x, y))
          high.add(max(x, y), .infinity)
        }
      }
    }
    let needed = countAbove(1 - level) - always
    return ConfidenceInterval(
      low: -high.mirrored.last(atLeast: needed), high: high.last(atLeast: needed), level: level)
  }

  /// The least count whose p-value is above alpha.
  private func countAbove(_ alpha: Double) -> Int {
    let size = Double(draws.count)
    let limit = isExact ? alpha * size : alpha * (size + 1) - 1
    // 0.05 × 20 must not be told apart from 1 by rounding.
    return Int((limit + 1e-9 * size).rounded(.down)) + 1
  }

  /// Closed intervals of nulls, of which the last point that enough of them cover is asked.
  private struct Edges: Sendable {
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
