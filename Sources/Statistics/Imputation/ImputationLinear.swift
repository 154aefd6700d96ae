internal import Glibc

extension ImputationChain {
  /// Draws a number for each missing row, by the normal linear model or from donors.
  mutating func linearDraw(
    _ index: Int, _ stream: inout RandomStream
  ) throws(SiblingError) -> [Double] {
    let target = plan.targets[index]
    guard
      let own = plan.columns.indices.first(where: {
        if case .number(target.variable, _, _) = plan.columns[$0] { true } else { false }
      }), case .number(_, let centre, let scale) = plan.columns[own]
    else { throw SiblingError(.internalError, "a number has no column in the design") }
    let sums = LinearSums(self, target, own: own)
    let isRandom = plan.configuration.siteEffects == .random && plan.siteCount > 0
    let fit = isRandom ? try sums.random(&memories[index], &stream) : try sums.fixed(&stream)
    note(index, kept: fit.kept, of: sums.columns)
    let drawn = predictions(target.missing, sums.columns, fit.main, fit.sites)
    switch target.method {
    case .meanMatching:
      let known = predictions(target.observed, sums.columns, fit.centreMain, fit.centreSites)
      let donors = DonorSearch(known).donors(
        of: drawn, among: plan.configuration.donors, &stream)
      guard let values = numbers[target.variable] else { return [] }
      return donors.map { values[target.observed[$0]] }
    default:
      return drawn.map { centre + scale * ($0 + fit.residual * stream.normal()) }
    }
  }

  /// The model's predictions for some rows.
  func predictions(
    _ rows: [Int], _ columns: [Int], _ main: [Double], _ sites: [Double]
  ) -> [Double] {
    var values = design.products(rows, spread(columns, main))
    if !sites.isEmpty {
      for (place, row) in rows.enumerated() { values[place] += sites[Int(plan.sites[row])] }
    }
    return values
  }

  /// Coefficients in their places among all columns, zeros elsewhere.
  func spread(_ columns: [Int], _ coefficients: [Double]) -> [SIMD4<Double>] {
    var result = [SIMD4<Double>](repeating: .zero, count: design.groups)
    for (column, value) in zip(columns, coefficients) { result[column >> 2][column & 3] = value }
    return result
  }
}

/// The sums that a linear model needs of its observed rows: nothing else is read again.
struct LinearSums {
  /// A posterior draw and its centre.
  struct Draw {
    var main: [Double]
    var sites: [Double]
    var centreMain: [Double]
    var centreSites: [Double]
    /// The residual standard deviation drawn.
    var residual: Double
    var kept: [Int]
  }

  let columns: [Int]
  let count: Int
  private let squares: Double
  private var system: ImputationSystem
  private let name: String

  init(_ chain: ImputationChain, _ target: ImputationPlan.Target, own: Int) {
    let plan = chain.plan
    let groups = chain.design.groups
    let isFixed = plan.siteCount > 0 && plan.configuration.siteEffects == .fixed
    columns = isFixed ? target.columns.filter { $0 != 0 } : target.columns
    count = target.observed.count
    name = plan.variables[target.variable].name
    var gram = [SIMD4<Double>](repeating: .zero, count: groups * 4 * groups)
    chain.design.addGram(target.observed[...], weights: nil, to: &gram)
    system = ImputationSystem(order: columns.count, block: 1, sites: plan.siteCount)
    squares = gramEntry(gram, groups, own, own)
    for (a, i) in columns.enumerated() {
      for (b, j) in columns.enumerated() {
        system.main[a * columns.count + b] = gramEntry(gram, groups, i, j)
      }
      system.gradient[a] = gramEntry(gram, groups, i, own)
    }
    guard plan.siteCount > 0 else { return }
    var sums = [SIMD4<Double>](repeating: .zero, count: plan.siteCount * groups)
    chain.design.addSites(target.observed[...], sites: plan.sites, weights: nil, to: &sums)
    for site in 0..<plan.siteCount {
      system.own[site] = sums[site * groups][0]
      system.siteGradient[site] = sums[site * groups + own >> 2][own & 3]
      for (a, i) in columns.enumerated() {
        system.cross[site * columns.count + a] = sums[site * groups + i >> 2][i & 3]
      }
    }
  }

  /// The sum of squared residuals at some coefficients.
  private func residuals(_ main: [Double], _ sites: [Double]) -> Double {
    let q = columns.count
    var sum = squares
    for a in 0..<q where main[a] != 0 {
      sum -= 2 * main[a] * system.gradient[a]
      for b in 0..<q { sum += main[a] * main[b] * system.main[a * q + b] }
    }
    for (site, effect) in sites.enumerated() {
      var rest = system.siteGradient[site]
      for a in 0..<q { rest -= system.cross[site * q + a] * main[a] }
      sum += effect * effect * system.own[site] - 2 * effect * rest
    }
    return max(sum, 1e-14 * squares)
  }

  /// Indicators of sites, or none: the exact posterior under the usual flat prior.
  ///
  /// Rubin (1987), "Multiple Imputation for Nonresponse in Surveys", example 5.1.
  func fixed(_ stream: inout RandomStream) throws(SiblingError) -> Draw {
    var system = system
    try system.factorise(choosing: true)
    let centre = system.solve()
    let degrees = count - system.kept.count - system.sites
    guard degrees > 0 else {
      throw SiblingError(
        .tooFewObservations,
        "'\(name)' has \(count) observed values and a model of as many parameters",
        help: "name fewer predictors", column: name)
    }
    let variance =
      residuals(centre.main, centre.sites)
      / ChiSquared(degreesOfFreedom: Double(degrees)).quantile(stream.uniform())
    let residual = variance.squareRoot()
    let deviation = system.deviation(scale: residual, &stream)
    return Draw(
      main: zip(centre.main, deviation.main).map { $0 + $1 },
      sites: zip(centre.sites, deviation.sites).map { $0 + $1 }, centreMain: centre.main,
      centreSites: centre.sites, residual: residual, kept: system.kept)
  }

  /// A random intercept, by a Gibbs sampler on the sums.
  ///
  /// Coefficients and site effects are drawn together, then both variances. The standard deviation
  /// between sites has a flat prior (Gelman 2006, https://doi.org/10.1214/06-BA117A), proper with
  /// three sites or more.
  func random(
    _ memory: inout ImputationMemory, _ stream: inout RandomStream
  ) throws(SiblingError) -> Draw {
    let sites = system.sites
    let isFirst = memory.between.isEmpty
    if isFirst { memory.between = [0.1] }
    var kept: [Int]?
    var result: Draw?
    for _ in 0..<(isFirst ? 50 : 10) {
      let ratio = memory.within / memory.between[0]
      var current = system
      // Everything in units of the residual variance.
      for site in 0..<sites { current.own[site] += ratio }
      if let kept { current.kept = kept }
      try current.factorise(choosing: kept == nil)
      kept = current.kept
      let centre = current.solve()
      let deviation = current.deviation(scale: memory.within.squareRoot(), &stream)
      let main = zip(centre.main, deviation.main).map { $0 + $1 }
      let effects = zip(centre.sites, deviation.sites).map { $0 + $1 }
      memory.within =
        residuals(main, effects)
        / ChiSquared(degreesOfFreedom: Double(count)).quantile(stream.uniform())
      let spread = effects.reduce(0) { $0 + $1 * $1 }
      memory.between[0] = max(
        1e-8 * memory.within,
        spread / ChiSquared(degreesOfFreedom: Double(sites - 1)).quantile(stream.uniform()))
      result = Draw(
        main: main, sites: effects, centreMain: centre.main, centreSites: centre.sites,
        residual: memory.within.squareRoot(), kept: current.kept)
    }
    guard let result else { throw SiblingError(.internalError, "a sampler made no draw") }
    return result
  }
}
