import Statistics

/// One cause's cumulative incidence in one arm, and its infinitesimal jackknife in linear time.
///
/// With h and g the hazard steps of all causes and of this one and K = 1/(n(1 − h)), a row's
/// influence on F(t) is Σ S(v−)(dN − Yg)/n − Σ(dM)K(F(t) − F(v)) over v ≤ t. Collected by cluster it
/// is P − R·F(t) + W·(B(t)F(t) − Q(t)), with W the weight at risk, B = ΣhK and
/// Q = Σ(S(v−)g/n + hK F); P and R change only as rows enter and leave.
struct IncidenceSteps {
  let events: [Double]
  let incidence: [Double]
  let steps: RiskSteps
  let survival: [Double]
  private let codes: [Int32]
  private let cause: Int32

  static let squaredOneByOne = 32

  init(_ steps: RiskSteps, _ codes: [Int32], cause: Int32) {
    self.steps = steps
    self.codes = codes
    self.cause = cause
    let survival = steps.survival
    var events = [Double](repeating: 0, count: survival.count)
    var incidence = events
    var sum = 0.0
    let base = steps.rows.startIndex
    for k in survival.indices {
      for position in steps.begins[k]..<steps.begins[k + 1] {
        let row = Int(steps.rows[base + position])
        if codes[row] == cause { events[k] += steps.weights?[row] ?? 1 }
      }
      if events[k] > 0 { sum += (k > 0 ? survival[k - 1] : 1) * events[k] / steps.atRisk[k] }
      incidence[k] = sum
    }
    (self.survival, self.events, self.incidence) = (survival, events, incidence)
  }

  /// At each time the squared weights of rows that are censored, leave for another cause and for this.
  func squaredWeights() -> [SIMD3<Double>] {
    var result = [SIMD3<Double>](repeating: .zero, count: survival.count)
    let base = steps.rows.startIndex
    for k in survival.indices {
      var sum = SIMD3<Double>.zero
      for position in steps.begins[k]..<steps.begins[k + 1] {
        let row = Int(steps.rows[base + position])
        let weight = steps.weights?[row] ?? 1
        sum[steps.event[row] ? codes[row] == cause ? 2 : 1 : 0] += weight * weight
      }
      result[k] = sum
    }
    return result
  }

  func standardErrors(cluster: Factor?, rows: Int) -> [Double] {
    if cluster == nil, steps.entrants == nil { return independentRowErrors() }
    let clusters = cluster?.levels.count ?? rows
    var sums = ClusterSums(clusters: clusters)
    let base = steps.rows.startIndex
    func code(_ row: Int32) -> Int { cluster.map { Int($0.codes[Int(row)]) } ?? Int(row) }
    func weight(_ row: Int32) -> Double { steps.weights?[Int(row)] ?? 1 }
    if steps.entrants == nil {
      for row in steps.rows { sums.move(code(row), 0, 0, weight(row)) }
    }
    var result = [Double](repeating: 0, count: survival.count)
    var (b, q) = (0.0, 0.0)
    for k in survival.indices {
      if let entrants = steps.entrants {
        for position in entrants.begins[k]..<entrants.begins[k + 1] {
          let row = entrants.rows[position]
          sums.move(code(row), weight(row) * q, weight(row) * b, weight(row))
        }
      }
      let (n, before, f) = (steps.atRisk[k], k > 0 ? survival[k - 1] : 1, incidence[k])
      // When all leave together nothing later can change, so their K plays no part.
      let jump = survival[k] > 0 && steps.events[k] > 0 ? 1 / (n - steps.events[k]) : 0
      let own = n > 0 ? before / n : 0
      if n > 0 {
        let hazard = steps.events[k] / n * jump
        b += hazard
        q += own * events[k] / n + hazard * f
      }
      for position in steps.begins[k]..<steps.begins[k + 1] {
        let row = steps.rows[base + position]
        let (w, died) = (weight(row), steps.event[Int(row)] ? jump : 0)
        let exit = codes[Int(row)] == cause ? own : 0
        sums.move(code(row), w * (exit + died * f - q), w * (died - b), -w)
      }
      let variance =
        clusters <= Self.squaredOneByOne
        ? sums.squares(f, b * f - q) : sums.quickSquares(f, b * f - q)
      result[k] = Swift.max(0, variance).squareRoot()
    }
    return result
  }
}

/// Clusters' influences P − R·F + W·G, with the sums of their squares and products.
struct ClusterSums {
  private var p: [Double]
  private var r: [Double]
  private var w: [Double]
  private var pp = CompensatedSum()
  private var rr = CompensatedSum()
  private var ww = CompensatedSum()
  private var pr = CompensatedSum()
  private var pw = CompensatedSum()
  private var rw = CompensatedSum()

  init(clusters: Int) {
    p = [Double](repeating: 0, count: clusters)
    (r, w) = (p, p)
  }

  mutating func move(_ c: Int, _ dp: Double, _ dr: Double, _ dw: Double) {
    let (p0, r0, w0) = (p[c], r[c], w[c])
    let (p1, r1, w1) = (p0 + dp, r0 + dr, w0 + dw)
    pp.add((p1 - p0) * (p1 + p0))
    rr.add((r1 - r0) * (r1 + r0))
    ww.add((w1 - w0) * (w1 + w0))
    pr.add(p1 * r1)
    pr.add(-p0 * r0)
    pw.add(p1 * w1)
    pw.add(-p0 * w0)
    rw.add(r1 * w1)
    rw.add(-r0 * w0)
    (p[c], r[c], w[c]) = (p1, r1, w1)
  }

  func quickSquares(_ f: Double, _ g: Double) -> Double {
    let own = pp.value + f * f * rr.value + g * g * ww.value
    return own - 2 * (f * pr.value - g * pw.value + f * g * rw.value)
  }

  func squares(_ f: Double, _ g: Double) -> Double {
    var sum = 0.0
    for c in p.indices {
      let influence = p[c] - r[c] * f + w[c] * g
      sum += influence * influence
    }
    return sum
  }
}
