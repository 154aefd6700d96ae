import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// What must be refused with a reason, never answered with a number.
@Suite struct GLMBadInputTests {
  private func design(_ columns: [(String, [Double])]) -> DesignMatrix {
    let ones = columns[0].1.map { _ in 1.0 }
    return DesignMatrix(
      matrix: Matrix(columns: [ones] + columns.map(\.1)),
      names: ["(Intercept)"] + columns.map(\.0))
  }

  private func failure(_ body: () throws -> Void) -> SiblingError? {
    do {
      try body()
      return nil
    } catch { return error as? SiblingError }
  }

  private let x = (0..<40).map { Double(($0 * 7) % 11) }
  private let y = (0..<40).map { Double(($0 * 5 + $0 / 7) % 2) }

  @Test(arguments: [Link.logit, .probit, .complementaryLogLog])
  func separationNamesTheTermAndTheEmptyCell(link: Link) {
    // Rows with group = 1 all have outcome 1; the other term does not separate.
    let group = (0..<40).map { $0 % 5 == 0 ? 1.0 : 0.0 }
    let outcome = zip(group, y).map { max($0, $1) }
    let error = failure {
      _ = try GeneralizedLinearModel(family: .binomial, link: link)
        .fit(design([("x", x), ("group", group)]), response: outcome)
    }
    #expect(error?.code == .separation)
    #expect(error?.column == "group")
    #expect(error?.message.contains("no row with `group` = 1 has outcome 0") == true)
    #expect(error?.message.contains("`x`") == false)
  }

  @Test(arguments: [Link.logit, .probit, .complementaryLogLog])
  func completeSeparationByANumberIsFound(link: Link) {
    let outcome = x.map { $0 > 4 ? 1.0 : 0.0 }
    let error = failure {
      _ = try GeneralizedLinearModel(family: .binomial, link: link)
        .fit(design([("x", x)]), response: outcome)
    }
    #expect(error?.code == .separation)
    #expect(error?.column == "x")
    #expect(error?.message.contains("every row") == true)
  }

  @Test func quasiSeparationByANumberIsFound() {
    // Overlap only at x = 4.
    let outcome = x.indices.map { x[$0] > 4 ? 1.0 : x[$0] < 4 ? 0 : Double(($0 / 11) % 2) }
    let error = failure {
      _ = try GeneralizedLinearModel(family: .binomial)
        .fit(design([("x", x)]), response: outcome)
    }
    #expect(error?.code == .separation)
    #expect(error?.message.contains("some rows") == true)
  }

  @Test func separationIsJudgedOnRowsWithWeight() throws {
    let outcome = x.map { $0 > 4 ? 1.0 : 0.0 }
    var turned = outcome
    turned[0] = 1 - turned[0]
    var weights = [Double](repeating: 1, count: 40)
    let model = GeneralizedLinearModel(family: .binomial)
    #expect(try model.fit(design([("x", x)]), response: turned, weights: weights).converged)
    weights[0] = 0
    let error = failure {
      _ = try model.fit(design([("x", x)]), response: turned, weights: weights)
    }
    #expect(error?.code == .separation)
  }

  @Test func strongButFiniteEffectsAreNotSeparation() throws {
    // One row in two hundred contradicts; the estimate is large and finite.
    let group = (0..<400).map { Double($0 % 2) }
    var outcome = group
    outcome[0] = 1
    outcome[1] = 0
    let fit = try GeneralizedLinearModel(family: .binomial)
      .fit(design([("group", group)]), response: outcome)
    // Closed form: logit of 1/200 and of 199/200.
    let logit = 5.293_304_824_724_491
    #expect(close(fit.coefficients, [-logit, 2 * logit], .converged))
  }

  @Test func aPoissonCellWithoutEventsIsSeparation() {
    let group = (0..<40).map { $0 % 5 == 0 ? 1.0 : 0.0 }
    let counts = group.indices.map { group[$0] == 1 ? 0 : Double(1 + $0 % 3) }
    let error = failure {
      _ = try GeneralizedLinearModel(family: .poisson)
        .fit(design([("group", group)]), response: counts)
    }
    #expect(error?.code == .separation)
    #expect(error?.column == "group")
  }

  @Test func dependentColumnsAreDroppedByOrderAndNamed() throws {
    let twice = x.map { 3 * $0 - 2 }
    let square = x.map { $0 * $0 }
    let full = design([("x", x), ("twice", twice), ("square", square)])
    let model = GeneralizedLinearModel(family: .binomial)
    let fit = try model.fit(full, response: y)
    let alone = try model.fit(design([("x", x), ("square", square)]), response: y)
    #expect(fit.dropped == ["twice"])
    #expect(fit.coefficients[2].isNaN)
    #expect(close([0, 1, 3].map { fit.coefficients[$0] }, alone.coefficients, .converged))
    #expect(fit.notes.first?.contains("`twice`") == true)
    #expect(try fit.estimates().rows.map(\.term) == ["(Intercept)", "x", "square"])
    let linear = try LeastSquares().fit(full, response: y)
    #expect(linear.dropped == ["twice"])
  }

  @Test func dataThatCannotBeFittedAreLocated() {
    let model = GeneralizedLinearModel(family: .binomial)
    let good = design([("x", x)])
    var bad = y
    bad[7] = .nan
    #expect(failure { _ = try model.fit(good, response: bad) }?.row == 7)
    bad[7] = 2
    let range = failure { _ = try model.fit(good, response: bad) }
    #expect(range?.code == .badValue)
    #expect(range?.row == 7)
    var hole = x
    hole[9] = .infinity
    for error in [
      failure { _ = try model.fit(design([("x", hole)]), response: y) },
      failure { _ = try LeastSquares().fit(design([("x", hole)]), response: y) },
    ] {
      #expect(error?.code == .missingValue)
      #expect(error?.row == 9)
      #expect(error?.column == "x")
    }
    var weights = x
    weights[3] = -1
    let negative = failure { _ = try model.fit(good, response: y, weights: weights) }
    #expect(negative?.code == .badWeight)
    #expect(negative?.row == 3)
    let count = GeneralizedLinearModel(family: .poisson)
    #expect(failure { _ = try count.fit(good, response: y.map { $0 - 1 }) }?.code == .badValue)
    #expect(failure { _ = try model.fit(good, response: [1, 0]) }?.code == .sizeMismatch)
  }

  @Test func emptyModelsAreRefused() {
    let good = design([("x", x)])
    let none = x.map { _ in 0.0 }
    let same = x.map { _ in 1.0 }
    for model in Family.allCases.map({ GeneralizedLinearModel(family: $0) }) {
      #expect(failure { _ = try model.fit(good, response: y, weights: none) }?.code == .badWeight)
      #expect(failure { _ = try model.fit(good, response: same) }?.code == .constantOutcome)
    }
    #expect(failure { _ = try LeastSquares().fit(good, response: same) }?.code == .constantOutcome)
    let two = good.selecting(rows: [0, 1])
    let short = failure { _ = try LeastSquares().fit(two, response: [0, 1]) }
    #expect(short?.code == .tooFewObservations)
    let empty = good.selecting(rows: [])
    #expect(
      failure { _ = try LeastSquares().fit(empty, response: []) }?.code == .tooFewObservations)
    let wrong = GeneralizedLinearModel(family: .poisson, link: .probit)
    #expect(failure { _ = try wrong.fit(good, response: y) }?.code == .invalidOption)
  }
}
