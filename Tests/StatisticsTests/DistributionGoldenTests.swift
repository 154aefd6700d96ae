import Statistics
import TestSupport
import Testing

/// Thousands of densities, tails and quantiles against R, on grids that reach 1e-300 in both tails.
@Suite struct DistributionGoldenTests {
  @Test func densitiesAndTailsAgreeWithR() throws {
    let rows = try GoldenRow.all().filter { $0.kind == "p" }
    #expect(rows.count > 2500)
    for row in rows {
      let ours = try #require(row.densityAndTails(), "\(row.name) is not known")
      #expect(agrees(ours.density, row.density), "density of \(row)")
      #expect(agrees(ours.lower, row.lower), "lower tail of \(row): \(ours.lower)")
      #expect(agrees(ours.upper, row.upper), "upper tail of \(row): \(ours.upper)")
    }
  }

  @Test func quantilesAgreeWithR() throws {
    let rows = try GoldenRow.all().filter { $0.kind == "q" }
    #expect(rows.count > 1500)
    for row in rows {
      let ours = try #require(row.quantiles(), "\(row.name) is not known")
      #expect(agrees(ours.lower, row.lower), "quantile of \(row): \(ours.lower)")
      #expect(agrees(ours.upper, row.upper), "upper quantile of \(row): \(ours.upper)")
    }
  }

  private func agrees(_ ours: Double, _ theirs: Double) -> Bool {
    // A value that the file leaves out is not compared; one near the smallest double has few digits.
    if theirs.isNaN || ours == theirs { return true }
    return (ours - theirs).magnitude <= 1e-12 * theirs.magnitude + 1e-307
  }
}

/// A line of the golden file, and our answer to it.
struct GoldenRow: CustomStringConvertible {
  var name: String
  var kind: String
  var a: Double
  var b: Double
  var c: Double
  var x: Double
  var density: Double
  var lower: Double
  var upper: Double

  var description: String { "\(name)(\(a), \(b), \(c)) at \(x): \(density), \(lower), \(upper)" }

  static func all() throws -> [GoldenRow] {
    let file = try Golden.csv("distributions_r.csv")
    let numbers = ["a", "b", "c", "x", "density", "lower", "upper"].map {
      Golden.numbers(file[$0])
    }
    let names = file["distribution"] ?? []
    let kinds = file["kind"] ?? []
    return names.indices.map { i in
      GoldenRow(
        name: names[i], kind: kinds[i], a: numbers[0][i], b: numbers[1][i], c: numbers[2][i],
        x: numbers[3][i], density: numbers[4][i], lower: numbers[5][i], upper: numbers[6][i])
    }
  }

  private var continuous: (any ContinuousDistribution)? {
    switch name {
    case "normal": Normal(mean: a, standardDeviation: b)
    case "studentT": StudentT(degreesOfFreedom: a)
    case "chiSquared": ChiSquared(degreesOfFreedom: a)
    case "fDistribution": FDistribution(numerator: a, denominator: b)
    case "gamma": Gamma(shape: a, rate: b)
    case "beta": Beta(a: a, b: b)
    case "exponential": Exponential(rate: a)
    case "weibull": Weibull(shape: a, scale: b)
    case "logNormal": LogNormal(meanLog: a, standardDeviationLog: b)
    case "logistic": Logistic(location: a, scale: b)
    case "uniform": Uniform(low: a, high: b)
    default: nil
    }
  }

  private var discrete: (any DiscreteDistribution)? {
    switch name {
    case "binomial": Binomial(trials: Int(a), probability: b)
    case "poisson": Poisson(mean: a)
    case "negativeBinomial": NegativeBinomial(size: a, probability: b)
    case "geometric": Geometric(probability: a)
    case "hypergeometric": Hypergeometric(marked: Int(a), unmarked: Int(b), drawn: Int(c))
    default: nil
    }
  }

  func densityAndTails() -> (density: Double, lower: Double, upper: Double)? {
    if let d = continuous { return (d.density(x), d.lowerTail(x), d.upperTail(x)) }
    if let d = discrete { return (d.mass(Int(x)), d.lowerTail(Int(x)), d.upperTail(Int(x))) }
    return nil
  }

  func quantiles() -> (lower: Double, upper: Double)? {
    if let d = continuous { return (d.quantile(x), d.upperQuantile(x)) }
    if let d = discrete { return (d.quantile(x), d.upperQuantile(x)) }
    return nil
  }
}
