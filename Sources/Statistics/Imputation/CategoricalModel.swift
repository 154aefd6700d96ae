internal import Glibc

/// A multinomial logistic model of the observed rows of one variable; two classes are the logistic.
struct CategoricalModel {
  /// The posterior mode with the information there.
  struct Mode {
    var main: [Double]
    var sites: [Double]
    var system: ImputationSystem
  }

  let columns: [Int]
  let classes: Int
  let siteCount: Int
  private let isFixed: Bool
  private let rows: [Int]
  private let outcome: [Int32]
  private let sites: [Int32]
  private let shares: [Double]
  /// Half a standard deviation of each column; zero for the constant.
  private let steps: [Double]
  private let name: String

  init(_ chain: ImputationChain, _ target: ImputationPlan.Target) {
    let plan = chain.plan
    isFixed = plan.siteCount > 0 && plan.configuration.siteEffects == .fixed
    let fixed = isFixed
    columns = target.columns.filter { $0 != 0 || !fixed }
    siteCount = plan.siteCount
    sites = plan.sites
    rows = target.observed
    name = plan.variables[target.variable].name
    if let pair = target.pair {
      let values = chain.numbers[target.variable] ?? []
      classes = 2
      outcome = rows.map { values[$0] == pair.high ? 1 : 0 }
    } else {
      let codes = chain.codes[target.variable] ?? []
      var place = [Int32](repeating: 0, count: (target.levels.last.map { Int($0) } ?? 0) + 1)
      for (order, code) in target.levels.enumerated() { place[Int(code)] = Int32(order) }
      classes = target.levels.count
      outcome = rows.map { place[Int(codes[$0])] }
    }
    var counts = [Double](repeating: 0, count: classes)
    for value in outcome { counts[Int(value)] += 1 }
    shares = counts.map { [rows] in $0 / Double(rows.count) }
    steps = columns.map { Self.spread(plan, $0) / 2 }
  }

  private static func spread(_ plan: ImputationPlan, _ column: Int) -> Double {
    switch plan.columns[column] {
    case .intercept: 0
    case .number: 1
    case .level(_, _, let share): (share * (1 - share)).squareRoot()
    case .product(let first, let second): spread(plan, first) * spread(plan, second)
    }
  }

  /// The mode by Newton's method from where the last round ended; `penalty` has the variance of the
  /// sites' effects for each class.
  ///
  /// - Throws: `nonConvergence`.
  func mode(
    _ design: ImputationDesign, from start: ImputationMemory, penalty: [Double]?
  ) throws(SiblingError) -> Mode {
    var (main, siteEffects) = (start.main, start.sites)
    var (system, value) = pass(design, main, siteEffects, penalty)
    try system.factorise(choosing: true)
    var kept = system.kept
    var isKept = [Bool](repeating: false, count: main.count)
    for i in kept { isKept[i] = true }
    if main.indices.contains(where: { !isKept[$0] && main[$0] != 0 }) {
      for i in main.indices where !isKept[i] { main[i] = 0 }
      (system, value) = pass(design, main, siteEffects, penalty)
      system.kept = kept
      try system.factorise(choosing: false)
    }
    for _ in 0..<50 {
      let step = system.solve()
      var decrement = 0.0
      for i in system.kept { decrement += step.main[i] * system.gradient[i] }
      for i in step.sites.indices { decrement += step.sites[i] * system.siteGradient[i] }
      if decrement < 1e-6 { return Mode(main: main, sites: siteEffects, system: system) }
      var share = 1.0
      while true {
        let tried = zip(main, step.main).map { $0 + share * $1 }
        let triedSites = zip(siteEffects, step.sites).map { $0 + share * $1 }
        let next = pass(design, tried, triedSites, penalty)
        if next.value >= value - 1e-9 * value.magnitude || share < 1e-4 {
          (main, siteEffects, system, value) = (tried, triedSites, next.system, next.value)
          break
        }
        share /= 2
      }
      kept = kept.filter { isKept[$0] }
      system.kept = kept
      try system.factorise(choosing: false)
      if system.kept.count < kept.count {
        kept = system.kept
        isKept = [Bool](repeating: false, count: main.count)
        for i in kept { isKept[i] = true }
      }
    }
    throw SiblingError(
      .nonConvergence, "the imputation model of '\(name)' does not converge",
      help: "name fewer predictors, or group rare levels", column: name)
  }

  /// The log-likelihood, its gradient and its information at some coefficients.
  private func pass(
    _ design: ImputationDesign, _ main: [Double], _ effects: [Double], _ penalty: [Double]?
  ) -> (system: ImputationSystem, value: Double) {
    let k = design.groups
    let q = columns.count
    let others = classes - 1
    let pairs = others * (others + 1) / 2
    var coefficients: [SIMD4<Double>] = []
    for a in 0..<others {
      var part = [SIMD4<Double>](repeating: .zero, count: k)
      for (i, column) in columns.enumerated() { part[column >> 2][column & 3] = main[a * q + i] }
      coefficients += part
    }
    var gradient = [SIMD4<Double>](repeating: .zero, count: others * k)
    var grams = [[SIMD4<Double>]](
      repeating: [SIMD4<Double>](repeating: .zero, count: k * 4 * k), count: pairs)
    var siteSums = [[SIMD4<Double>]](
      repeating: [SIMD4<Double>](repeating: .zero, count: siteCount * k), count: pairs)
    var siteGradient = [Double](repeating: 0, count: siteCount * others)
    var value = 0.0
    let size = 256
    var weights = [Double](repeating: 0, count: pairs * size)
    var scores = [Double](repeating: 0, count: classes)
    var begin = 0
    while begin < rows.count {
      let end = min(rows.count, begin + size)
      var likelihood = 1.0
      design.storage.withUnsafeBufferPointer { cells in
        for place in begin..<end {
          let base = rows[place] &* k
          let site = siteCount > 0 ? Int(sites[rows[place]]) &* others : 0
          var top = 0.0
          for a in 0..<others {
            var sum = SIMD4<Double>.zero
            for g in 0..<k { sum += cells[base &+ g] * coefficients[a &* k &+ g] }
            scores[a] = sum.sum() + (siteCount > 0 ? effects[site &+ a] : 0)
            top = max(top, scores[a])
          }
          let first = exp(-top)
          var total = first
          for a in 0..<others {
            scores[a] = exp(scores[a] - top)
            total += scores[a]
          }
          for a in 0..<others { scores[a] /= total }
          let own = Int(outcome[place])
          likelihood *= max(1e-30, own == 0 ? first / total : scores[own - 1])
          // Logarithms are taken of products of a few, which can't underflow.
          if place & 7 == 7 {
            value += log(likelihood)
            likelihood = 1
          }
          var pair = 0
          for a in 0..<others {
            let residual = (own == a + 1 ? 1 : 0) - scores[a]
            for g in 0..<k { gradient[a &* k &+ g] += cells[base &+ g] * residual }
            if siteCount > 0 { siteGradient[site &+ a] += residual }
            for b in a..<others {
              weights[pair &* size &+ place &- begin] =
                scores[a] * ((a == b ? 1 : 0) - scores[b])
              pair &+= 1
            }
          }
        }
      }
      value += log(likelihood)
      weights.withUnsafeBufferPointer { weights in
        guard let pointer = weights.baseAddress else { return }
        for pair in 0..<pairs {
          design.addGram(rows[begin..<end], weights: pointer + pair * size, to: &grams[pair])
          if siteCount > 0 {
            design.addSites(
              rows[begin..<end], sites: sites, weights: pointer + pair * size,
              to: &siteSums[pair])
          }
        }
      }
      begin = end
    }
    var system = ImputationSystem(order: others * q, block: others, sites: siteCount)
    var pair = 0
    for a in 0..<others {
      for (i, column) in columns.enumerated() {
        system.gradient[a * q + i] = gradient[a * k + column >> 2][column & 3]
      }
      for b in a..<others {
        for (i, first) in columns.enumerated() {
          for (j, second) in columns.enumerated() {
            let entry = gramEntry(grams[pair], k, first, second)
            system.main[(a * q + i) * others * q + b * q + j] = entry
            system.main[(b * q + j) * others * q + a * q + i] = entry
          }
        }
        for site in 0..<siteCount {
          let sums = siteSums[pair]
          system.own[(site * others + a) * others + b] = sums[site * k][0]
          system.own[(site * others + b) * others + a] = sums[site * k][0]
          for (i, column) in columns.enumerated() {
            let entry = sums[site * k + column >> 2][column & 3]
            system.cross[(site * others * q + a * q + i) * others + b] = entry
            system.cross[(site * others * q + b * q + i) * others + a] = entry
          }
        }
        pair += 1
      }
    }
    system.siteGradient = siteGradient
    addPseudoRows(&system, &value, main, effects, penalty)
    return (system, value)
  }

  /// Adds the pseudo-observations, and the prior of random sites.
  private func addPseudoRows(
    _ system: inout ImputationSystem, _ value: inout Double, _ main: [Double],
    _ effects: [Double], _ penalty: [Double]?
  ) {
    let q = columns.count
    let others = classes - 1
    let base = (0..<others).map { isFixed ? log(shares[$0 + 1] / shares[0]) : 0 }
    let constant = columns.firstIndex(of: 0)
    let predictors = steps.count { $0 > 0 }
    for i in columns.indices where steps[i] > 0 {
      let weight = Double(predictors + 1) / Double(2 * predictors)
      for side in [-1.0, 1.0] {
        let x = side * steps[i]
        let entries = [(i, x)] + (constant.map { [($0, 1.0)] } ?? [])
        let scores = (0..<others).map { a in
          base[a] + entries.reduce(0) { $0 + main[a * q + $1.0] * $1.1 }
        }
        let p = probabilities(scores, weight, &value)
        for a in 0..<others {
          for (place, amount) in entries {
            system.gradient[a * q + place] += weight * (shares[a + 1] - p[a]) * amount
          }
          for b in 0..<others {
            let w = weight * p[a] * ((a == b ? 1 : 0) - p[b])
            for (first, one) in entries {
              for (second, two) in entries {
                system.main[(a * q + first) * others * q + b * q + second] += w * one * two
              }
            }
          }
        }
      }
    }
    for site in 0..<siteCount {
      if let penalty {
        for a in 0..<others {
          let effect = effects[site * others + a]
          value -= effect * effect / (2 * penalty[a])
          system.siteGradient[site * others + a] -= effect / penalty[a]
          system.own[(site * others + a) * others + a] += 1 / penalty[a]
        }
      } else {
        let scores = (0..<others).map { effects[site * others + $0] }
        let p = probabilities(scores, 1, &value)
        for a in 0..<others {
          system.siteGradient[site * others + a] += shares[a + 1] - p[a]
          for b in 0..<others {
            system.own[(site * others + a) * others + b] += p[a] * ((a == b ? 1 : 0) - p[b])
          }
        }
      }
    }
  }

  /// The probabilities of the classes but the first, with the log-likelihood of the observed shares.
  private func probabilities(
    _ scores: [Double], _ weight: Double, _ value: inout Double
  ) -> [Double] {
    let top = scores.reduce(0) { max($0, $1) }
    let total = scores.reduce(exp(-top)) { $0 + exp($1 - top) }
    let normaliser = top + log(total)
    value -= weight * normaliser
    for (a, score) in scores.enumerated() { value += weight * shares[a + 1] * score }
    return scores.map { exp($0 - normaliser) }
  }
}
