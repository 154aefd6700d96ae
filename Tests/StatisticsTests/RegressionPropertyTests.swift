import Glibc
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct RegressionPropertyTests {
  private let names = ["(Intercept)", "age", "educ", "racehispan", "racewhite", "re74"]
  private let tight = Tolerance(relative: 1e-11)

  @Test func rowOrderDoesNotMatter() throws {
    let data = try Lalonde()
    let design = data.design(names)
    var order = Array(0..<design.rows)
    var noise = Noise(state: 1)
    for i in order.indices { order.swapAt(i, Int(noise.next() * Double(order.count))) }
    let turned = design.selecting(rows: order)
    let (treat, pay) = (data["treat"], data["re78"])
    let logit = GeneralizedLinearModel(family: .binomial)
    let one = try logit.fit(design, response: treat).coefficients
    let two = try logit.fit(turned, response: order.map { treat[$0] }).coefficients
    #expect(close(one, two, .closedForm))
    let three = try LeastSquares().fit(design, response: pay).coefficients
    let four = try LeastSquares().fit(turned, response: order.map { pay[$0] }).coefficients
    #expect(close(three, four, .closedForm))
  }

  @Test func wholeWeightsAreRepeatedRows() throws {
    let data = try Lalonde()
    let design = data.design(names)
    let weights = (0..<design.rows).map { Double($0 % 4) }
    let repeated = (0..<design.rows).flatMap { Array(repeating: $0, count: $0 % 4) }
    for (family, name) in [(Family.binomial, "treat"), (.poisson, "educ"), (.gaussian, "re78")] {
      let y = data[name]
      let model = GeneralizedLinearModel(family: family)
      let one = try model.fit(design, response: y, weights: weights)
      let two = try model.fit(
        design.selecting(rows: repeated), response: repeated.map { y[$0] })
      if family == .poisson { #expect(one.coefficients[2] > 0) }
      #expect(close(one.coefficients, two.coefficients, tight), "\(family)")
      #expect(close(one.deviance, two.deviance, tight))
      #expect(close(one.unscaledCovariance.storage, two.unscaledCovariance.storage, .published))
    }
  }

  @Test func scalingAColumnScalesItsCoefficient() throws {
    let data = try Lalonde()
    let design = data.design(names)
    var scaled = design
    for row in 0..<design.rows { scaled.matrix[row, 5] = design.matrix[row, 5] * 1e6 + 7e9 }
    let logit = GeneralizedLinearModel(family: .binomial)
    let one = try logit.fit(design, response: data["treat"])
    let two = try logit.fit(scaled, response: data["treat"])
    #expect(close(two.coefficients[5] * 1e6, one.coefficients[5], Tolerance(relative: 1e-9)))
    #expect(close(two.coefficients[1], one.coefficients[1], .converged))
    #expect(close(two.logLikelihood, one.logLikelihood, .closedForm))
  }

  /// A logit of 150,000 rows, enough for several blocks and for the sample start.
  private func large() -> (DesignMatrix, [Double]) {
    var noise = Noise(state: 9)
    let n = 150_000
    let columns = (0..<3).map { j in
      (0..<n).map { _ in j == 2 ? (noise.next() < 0.3 ? 1 : 0) : noise.next() * 4 - 2 }
    }
    let y = (0..<n).map { row in
      let eta = columns[0][row] - 0.5 * columns[1][row] + 0.7 * columns[2][row] - 0.3
      return noise.next() < 1 / (1 + exp(-eta)) ? 1.0 : 0.0
    }
    let design = DesignMatrix(
      matrix: Matrix(columns: [y.map { _ in 1 }] + columns),
      names: ["(Intercept)", "a", "b", "c"])
    return (design, y)
  }

  @Test func threadsDoNotChangeBytesAndTheSampleStartNotTheEnd() throws {
    let (design, y) = large()
    let model = GeneralizedLinearModel(family: .binomial)
    Parallel.setThreads(1)
    let one = try model.fit(design, response: y)
    Parallel.setThreads(2)
    let two = try model.fit(design, response: y)
    #expect(one.coefficients == two.coefficients)
    #expect(one.fitted == two.fitted)
    #expect(one.logLikelihood == two.logLikelihood)
    #expect(one.unscaledCovariance == two.unscaledCovariance)
    let group = Factor(codes: y.indices.map { Int32($0 % 40) }, levels: (0..<40).map { "\($0)" })
    let cluster = try one.covariance(.cluster(.cr1, [group]))
    Parallel.setThreads(1)
    #expect(try one.covariance(.cluster(.cr1, [group])) == cluster)
    Parallel.setThreads(2)
    // At the maximum the scores sum to zero in every column.
    let scores = zip(y, one.fitted).map { $0 - $1 }
    for sum in design.matrix.transposedTimes(scores) { #expect(sum.magnitude < 1e-7) }
    #expect(close(Array(one.coefficients.dropFirst()), [1, -0.5, 0.7], Tolerance(relative: 0.1)))
  }

  @Test func aProbitFarInTheTailsKeepsItsLikelihood() throws {
    // Saturated in two cells, so the fitted probabilities are the cells' own.
    let x = (0..<2000).map { $0 < 1000 ? 0.0 : 1.0 }
    let y = (0..<2000).map { $0 == 3 || ($0 >= 1000 && $0 != 1005) ? 1.0 : 0.0 }
    let design = DesignMatrix(
      matrix: Matrix(columns: [x.map { _ in 1 }, x]), names: ["(Intercept)", "x"])
    for link in [Link.logit, .probit, .complementaryLogLog] {
      let fit = try GeneralizedLinearModel(family: .binomial, link: link)
        .fit(design, response: y)
      #expect(close(fit.fitted[0], 0.001, .converged))
      #expect(close(fit.fitted[1999], 0.999, .converged))
      let expected = 2 * (log(0.001) + 999 * log1p(-0.001))
      #expect(close(fit.logLikelihood, expected, .converged))
    }
  }
}

@Suite struct ProportionTests {
  /// Proportions with their counts as weights are the 0/1 rows they sum up.
  @Test func proportionsWithCountsAreTheirRows() throws {
    let x: [Double] = [0, 1, 2, 3, 4]
    let (events, counts): ([Double], [Double]) = ([2, 5, 9, 11, 18], [10, 12, 17, 15, 20])
    let grouped = DesignMatrix(
      matrix: Matrix(columns: [x.map { _ in 1 }, x]), names: ["(Intercept)", "x"])
    let rows = x.indices.flatMap { Array(repeating: $0, count: Int(counts[$0])) }
    let y = x.indices.flatMap { i in
      (0..<Int(counts[i])).map { Double($0) < events[i] ? 1.0 : 0 }
    }
    let model = GeneralizedLinearModel(family: .binomial)
    let one = try model.fit(
      grouped, response: zip(events, counts).map { $0 / $1 }, weights: counts)
    let two = try model.fit(grouped.selecting(rows: rows), response: y)
    #expect(close(one.coefficients, two.coefficients, .closedForm))
    #expect(close(one.unscaledCovariance.storage, two.unscaledCovariance.storage, .converged))
    // The binomial coefficients are what the likelihoods differ by.
    let ways = zip(events, counts).reduce(0.0) {
      $0 + lgamma($1.1 + 1) - lgamma($1.0 + 1) - lgamma($1.1 - $1.0 + 1)
    }
    #expect(close(one.logLikelihood - two.logLikelihood, ways, .converged))
    #expect(close(two.deviance, -2 * two.logLikelihood, .closedForm))
    #expect(
      close(two.nullDeviance - two.deviance, one.nullDeviance - one.deviance, .converged))
    let plain = try model.fit(grouped, response: zip(events, counts).map { $0 / $1 })
    let unit = try model.fit(
      grouped, response: zip(events, counts).map { $0 / $1 }, weights: x.map { _ in 1 })
    #expect(close(plain.deviance, unit.deviance, .closedForm))
    #expect(close(plain.nullDeviance, unit.nullDeviance, .closedForm))
  }
}
