internal import Glibc
internal import LinearAlgebra
internal import Statistics

/// The conditional test with a least favourable first stage, of whether a restriction on the bias
/// and a value of the target go together (Andrews, Roth & Pakes 2023,
/// doi 10.1093/restud/rdac074; Rambachan & Roth 2023, section 3).
///
/// Size κ = α/10 is spent on the least favourable test; what is left, (α − κ)/(1 − κ), on the
/// conditional one. A value that satisfies all inequalities at the estimates is never rejected.
struct HybridTest {
  private var dual: RestrictionDual
  /// The target's estimate and the combination of estimates before the reference.
  private let x: Double
  private let g: Double
  private let xx: Double
  private let xg: Double
  private let gg: Double
  private let critical: Double
  private let secondSize: Double
  private let lines: [InequalityCombination]

  /// The test for a restriction at size α; nil where the restriction says nothing of the target.
  init?(
    _ restriction: TrendRestriction, target: [Double], data: EventStudyEstimates, size: Double
  ) {
    guard var dual = RestrictionDual(restriction, target: target, data: data) else { return nil }
    let n = data.eventTimes.count
    var first = [Double](repeating: 0, count: n)
    var second = first
    for (k, place) in data.post.enumerated() { first[place] = target[k] }
    for (k, place) in data.pre.enumerated() { second[place] = restriction.combination[k] }
    x = zip(first, data.estimates).reduce(0) { $0 + $1.0 * $1.1 }
    g = zip(second, data.estimates).reduce(0) { $0 + $1.0 * $1.1 }
    xx = data.covariance.quadraticForm(first)
    gg = data.covariance.quadraticForm(second)
    xg = zip(first, data.covariance.times(second)).reduce(0) { $0 + $1.0 * $1.1 }
    let kappa = size / 10
    secondSize = (size - kappa) / (1 - kappa)
    let outline = dual.noiseOutline()
    critical = LeastFavorable(outline, xx: xx, xg: xg, gg: gg).upperQuantile(kappa)
    lines = dual.lines(at: g)
    self.dual = dual
  }

  /// The least and the greatest value that is not rejected; nil where all are.
  ///
  /// The first stage alone leaves an interval, found exactly. From its ends inwards values are
  /// tried until one is accepted, and the crossing before it is bisected. Values at which the
  /// statistic changes its inequality are tried too: the conditional test accepts around them.
  mutating func limits() -> (low: Double, high: Double)? {
    guard let (low, high) = firstStage() else { return nil }
    guard high > low else { return accepts(low) ? (low, low) : nil }
    var tried = (0...Self.steps).map { low + (high - low) * Double($0) / Double(Self.steps) }
    for (a, b) in zip(lines, lines.dropFirst() + lines.prefix(1)) where a.slope != b.slope {
      let kink = x - (a.value(0, g) - b.value(0, g)) / (b.slope - a.slope)
      if kink > low, kink < high { tried.append(kink) }
    }
    tried.sort()
    guard let first = tried.indices.first(where: { accepts(tried[$0]) }),
      let last = tried.indices.last(where: { accepts(tried[$0]) })
    else { return nil }
    return (
      crossing(from: tried[max(first - 1, 0)], to: tried[first]),
      crossing(from: tried[min(last + 1, tried.count - 1)], to: tried[last])
    )
  }

  private static let steps = 200

  /// The values at which the statistic is at most the least favourable critical value.
  private func firstStage() -> (low: Double, high: Double)? {
    var low = -Double.infinity
    var high = Double.infinity
    for line in lines {
      // slope·(x − θ) + height ≤ critical
      let room = critical - line.value(0, g)
      if line.slope > 1e-12 {
        low = max(low, x - room / line.slope)
      } else if line.slope < -1e-12 {
        high = min(high, x - room / line.slope)
      } else if room < 0 {
        return nil
      }
    }
    return low <= high && low.isFinite && high.isFinite ? (low, high) : nil
  }

  private mutating func crossing(from rejected: Double, to accepted: Double) -> Double {
    var (outside, inside) = (rejected, accepted)
    for _ in 0..<200 {
      let middle = (outside + inside) / 2
      if middle == outside || middle == inside || (outside - inside).magnitude < 1e-12 { break }
      if accepts(middle) { inside = middle } else { outside = middle }
    }
    return inside
  }

  /// Whether a value of the target is not rejected.
  mutating func accepts(_ value: Double) -> Bool {
    let distance = x - value
    let binding = dual.greatest(distance, g)
    let statistic = binding.value(distance, g)
    if statistic <= 0 { return true }
    if statistic >= critical { return false }
    let toX = binding.slope * xx + binding.before * xg
    let toG = binding.slope * xg + binding.before * gg
    let variance = binding.slope * toX + binding.before * toG
    guard variance > 1e-24 else { return false }
    let deviation = variance.squareRoot()
    let path = Path(
      statistic: statistic, x: distance, g: g, perX: toX / variance, perG: toG / variance)
    let low = edge(path, from: statistic - 40 * deviation)
    let high = edge(path, from: critical)
    return Self.tail(statistic / deviation, low / deviation, high / deviation) >= secondSize
  }

  /// The estimates as the statistic moves and what is independent of it stays.
  private struct Path {
    var statistic: Double
    var x: Double
    var g: Double
    var perX: Double
    var perG: Double
  }

  /// The last value of the statistic, seen from `start`, up to which the same inequality binds.
  ///
  /// The statistic less itself is convex along the path and zero where the inequality binds, so
  /// that Newton's method comes to the edge in finitely many steps.
  private mutating func edge(_ path: Path, from start: Double) -> Double {
    var c = start
    for _ in 0..<100 {
      let moved = c - path.statistic
      let other = dual.greatest(path.x + moved * path.perX, path.g + moved * path.perG)
      let steep = other.slope * path.perX + other.before * path.perG
      let height = other.value(path.x, path.g) + moved * steep
      if height - c <= 1e-12 * max(1, c.magnitude) || steep == 1 { return c }
      // height₀ + (c − statistic)·steep = c
      let next =
        (other.value(path.x, path.g) - path.statistic * steep) / (1 - steep)
      if (start < path.statistic) == (next <= c) { return c }
      c = start < path.statistic ? min(next, path.statistic) : max(next, path.statistic)
    }
    return c
  }

  /// P(Z > z | low ≤ Z ≤ high) for a standard normal Z, by logarithms of upper tails.
  private static func tail(_ z: Double, _ low: Double, _ high: Double) -> Double {
    guard z > low else { return 1 }
    guard z < high else { return 0 }
    let normal = Normal.standard
    let (a, b, c) = (normal.logUpperTail(low), normal.logUpperTail(z), normal.logUpperTail(high))
    return exp(b - a) * expm1(c - b) / expm1(c - a)
  }
}
