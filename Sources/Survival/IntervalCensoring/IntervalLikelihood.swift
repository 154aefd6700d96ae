internal import Glibc
import Statistics

/// The likelihood of interval-censored rows as a function of the masses of innermost intervals.
struct IntervalLikelihood {
  private let places: InnermostIntervals
  private let total: Double
  /// The mass of each innermost interval.
  private(set) var mass: [Double]
  private(set) var logLikelihood = -Double.infinity
  /// How far the log-likelihood can lie below its maximum, a unit of weight.
  private(set) var gap = Double.infinity
  private(set) var iterations = 0

  init(_ places: InnermostIntervals) {
    self.places = places
    total = places.weight.reduce(0, +)
    mass =
      Self.productLimit(places)
      ?? [Double](repeating: 1 / Double(places.count), count: places.count)
  }

  /// The masses of the Kaplan–Meier estimate, which is the maximum where every row is exact or without
  /// the event; nil elsewhere.
  private static func productLimit(_ places: InnermostIntervals) -> [Double]? {
    let last = places.count - 1
    var (ended, lost) = (
      [Double](repeating: 0, count: places.count), [Double](repeating: 0, count: places.count)
    )
    for i in places.weight.indices {
      let (from, to) = (Int(places.first[i]), Int(places.last[i]))
      if from == to {
        ended[from] += places.weight[i]
      } else if to == last {
        lost[from] += places.weight[i]
      } else {
        return nil
      }
    }
    var atRisk = [Double](repeating: 0, count: places.count)
    var sum = CompensatedSum()
    for j in stride(from: last, through: 0, by: -1) {
      // Who is lost before a place is not at risk at it.
      sum.add(ended[j])
      atRisk[j] = sum.value
      sum.add(lost[j])
    }
    var left = 1.0
    return atRisk.indices.map { j in
      let mass = j == last ? left : left * ended[j] / atRisk[j]
      left *= j == last ? 0 : RiskSteps.surviving(atRisk[j], ended[j])
      return mass
    }
  }

  mutating func maximise(tolerance: Double, iterations limit: Int) {
    logLikelihood = value(cumulative(mass))
    // Rounding of the running sums keeps the gap of many places above this.
    let goal = Swift.max(tolerance, 16 * Double.ulpOfOne * Double(places.count))
    while iterations < limit {
      iterations += 1
      let slope = slopes()
      gap = Swift.max(0, (slope.max() ?? total) / total - 1)
      if gap <= goal { return }
      // Self-consistency: never lowers the likelihood.
      for j in mass.indices { mass[j] *= slope[j] / total }
      convexMinorantStep()
      if iterations % 5 == 0 { newtonStep() }
    }
  }

  /// Mass below each boundary between intervals.
  private func cumulative(_ mass: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: mass.count + 1)
    var sum = CompensatedSum()
    for j in mass.indices {
      sum.add(mass[j])
      result[j + 1] = sum.value
    }
    return result
  }

  /// Σ w log P; −∞ where a row is impossible.
  private func value(_ below: [Double]) -> Double {
    var sum = CompensatedSum()
    for i in places.weight.indices {
      let p = below[Int(places.last[i]) + 1] - below[Int(places.first[i])]
      guard p > 0 else { return -.infinity }
      sum.add(places.weight[i] * log(p))
    }
    return sum.value
  }

  /// The derivative of the log-likelihood in each mass.
  private func slopes() -> [Double] {
    let below = cumulative(mass)
    var steps = [Double](repeating: 0, count: mass.count + 1)
    for i in places.weight.indices {
      let (l, r) = (Int(places.first[i]), Int(places.last[i]))
      let part = places.weight[i] / (below[r + 1] - below[l])
      steps[l] += part
      steps[r + 1] -= part
    }
    var sum = CompensatedSum()
    return mass.indices.map { j in
      sum.add(steps[j])
      return sum.value
    }
  }

  /// One step of the iterative convex minorant: Newton by the diagonal, projected on increasing values.
  private mutating func convexMinorantStep() {
    let m = mass.count
    guard m > 1 else { return }
    let below = cumulative(mass)
    let start = value(below)
    var (slope, curve) = (
      [Double](repeating: 0, count: m + 1), [Double](repeating: 0, count: m + 1)
    )
    for i in places.weight.indices {
      let (l, r) = (Int(places.first[i]), Int(places.last[i]) + 1)
      let p = below[r] - below[l]
      let (g, h) = (places.weight[i] / p, places.weight[i] / (p * p))
      slope[r] += g
      slope[l] -= g
      curve[r] += h
      curve[l] += h
    }
    var target = below
    for k in 1..<m { target[k] = below[k] + slope[k] / curve[k] }
    var level = Self.increasing(target[1..<m], weights: curve[1..<m])
    for k in level.indices { level[k] = Swift.min(1, Swift.max(0, level[k])) }
    accept(below, start) { k in level[k - 1] - below[k] }
  }

  /// Goes along a direction of the boundaries as far as the likelihood rises.
  private mutating func accept(
    _ below: [Double], _ start: Double, _ direction: (Int) -> Double
  ) {
    let m = mass.count
    var share = 1.0
    for _ in 0..<30 {
      var moved = below
      for k in 1..<m { moved[k] = below[k] + share * direction(k) }
      let reached = value(moved)
      if reached > start {
        for j in mass.indices { mass[j] = Swift.max(0, moved[j + 1] - moved[j]) }
        logLikelihood = reached
        return
      }
      share /= 2
    }
    logLikelihood = start
  }

  /// The nearest increasing sequence in weighted least squares, by pooling neighbours.
  private static func increasing(
    _ values: ArraySlice<Double>, weights: ArraySlice<Double>
  ) -> [Double] {
    var blocks: [(value: Double, weight: Double, count: Int)] = []
    for (value, weight) in zip(values, weights) {
      blocks.append((value, weight, 1))
      while blocks.count > 1, blocks[blocks.count - 2].value >= blocks[blocks.count - 1].value {
        let last = blocks.removeLast()
        let previous = blocks.removeLast()
        let weight = previous.weight + last.weight
        let value = (previous.value * previous.weight + last.value * last.weight) / weight
        blocks.append((value, weight, previous.count + last.count))
      }
    }
    return blocks.flatMap { [Double](repeating: $0.value, count: $0.count) }
  }

  /// A Newton step on the boundaries between places that keep mass, by conjugate gradients.
  ///
  /// A row joins the two boundaries of its run, so the Hessian times a vector costs one pass.
  private mutating func newtonStep() {
    let kept = mass.indices.filter { mass[$0] > 0 }
    guard kept.count > 1 else { return }
    // Boundaries with the same mass below them move together.
    var block = [Int](repeating: 0, count: mass.count + 1)
    for j in mass.indices { block[j + 1] = block[j] + (mass[j] > 0 ? 1 : 0) }
    let below = cumulative(mass)
    let start = value(below)
    let size = kept.count + 1
    let rows = places.weight.indices.map { i -> (l: Int, r: Int, h: Double, g: Double) in
      let (l, r) = (Int(places.first[i]), Int(places.last[i]) + 1)
      let p = below[r] - below[l]
      return (block[l], block[r], places.weight[i] / (p * p), places.weight[i] / p)
    }
    var (slope, scale) = ([Double](repeating: 0, count: size), [Double](repeating: 0, count: size))
    for row in rows {
      slope[row.r] += row.g
      slope[row.l] -= row.g
      scale[row.r] += row.h
      scale[row.l] += row.h
    }
    (slope[0], slope[size - 1]) = (0, 0)
    func product(_ x: [Double]) -> [Double] {
      var y = [Double](repeating: 0, count: size)
      for row in rows {
        let part = row.h * (x[row.r] - x[row.l])
        y[row.r] += part
        y[row.l] -= part
      }
      (y[0], y[size - 1]) = (0, 0)
      return y
    }
    var solution = [Double](repeating: 0, count: size)
    var rest = slope
    var scaled = rest.indices.map { scale[$0] > 0 ? rest[$0] / scale[$0] : 0 }
    var direction = scaled
    var energy = Self.dot(rest, scaled)
    let goal = energy * 1e-20
    for _ in 0..<Swift.min(500, 2 * size) where energy > goal && energy > 0 {
      let image = product(direction)
      let step = energy / Self.dot(direction, image)
      guard step.isFinite else { break }
      for k in solution.indices {
        solution[k] += step * direction[k]
        rest[k] -= step * image[k]
      }
      scaled = rest.indices.map { scale[$0] > 0 ? rest[$0] / scale[$0] : 0 }
      let next = Self.dot(rest, scaled)
      for k in direction.indices { direction[k] = scaled[k] + next / energy * direction[k] }
      energy = next
    }
    // No further than where a place loses its mass.
    var reach = 1.0
    for (k, j) in kept.enumerated() {
      let change = solution[k + 1] - solution[k]
      if change < 0 { reach = Swift.min(reach, mass[j] / -change) }
    }
    accept(below, start) { k in reach * solution[block[k]] }
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
  }
}
