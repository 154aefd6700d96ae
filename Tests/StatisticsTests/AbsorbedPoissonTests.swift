import Glibc
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct AbsorbedPoissonTests {
  @Test func countiesAgreeWithFixest() throws {
    let data = try Counties()
    let golden = try Golden.json("fixest_mpdta.json")["fepois"]
    let (county, year) = (Counties.factor(data.county), Counties.factor(data.year))
    let fit = try AbsorbedPoisson().fit(
      data.treatment, response: data.lemp.map { exp($0) }, absorbing: [county, year])
    #expect(close(fit.coefficients[0], golden["coef"].double))
    let row = try fit.estimates(covariance: .cluster(.cr1, [county])).rows[0]
    #expect(close(row.standardError ?? 0, golden["se"].double))
    #expect(row.convention == "CR1, G=500, z" && row.degreesOfFreedom == nil)
    #expect(fit.observations == 2500 && fit.zeros == 0 && fit.normalEquationResidual < 1e-12)
  }

  /// Made-up counts of 12 firms over 8 years in 3 regions; firm 5 never has any.
  private struct Made {
    var design: DesignMatrix
    var count: [Double] = []
    var firm: Factor
    var year: Factor
    var region: Factor
    var weights: [Double] = []
    var offset: [Double] = []

    init(without: Set<Int> = []) {
      var noise = Noise(state: 11)
      var (x, z) = ([Double](), [Double]())
      var (firms, years, regions) = ([String](), [String](), [String]())
      for firm in 0..<12 {
        for year in 0..<8 {
          let (a, b, c, d) = (noise.next(), noise.next(), noise.next(), noise.next())
          if without.contains(firm) || (firm + 3 * year) % 7 == 0 { continue }
          x.append(a)
          z.append(a * b)
          offset.append(c)
          weights.append(0.5 + d)
          let mean = exp(0.5 * a - b + 0.1 * Double(year) + c + 0.2 * Double(firm % 4))
          count.append(firm == 5 ? 0 : floor(2 * mean * (0.2 + 1.6 * noise.next())))
          firms.append("f\(firm)")
          years.append("y\(year)")
          regions.append("r\((firm * 5 + year * year) % 3)")
        }
      }
      design = DesignMatrix(matrix: Matrix(columns: [x, z]), names: ["x", "z"])
      (firm, year, region) = (Factor(firms), Factor(years), Factor(regions))
    }

    func dummies() -> DesignMatrix {
      var columns = [[Double](repeating: 1, count: count.count)]
      columns += [design.matrix.column(0), design.matrix.column(1)]
      var names = ["(Intercept)", "x", "z"]
      for factor in [firm, year, region] {
        for level in 1..<factor.levels.count {
          columns.append(factor.codes.map { $0 == Int32(level) ? 1 : 0 })
          names.append(factor.levels[level])
        }
      }
      return DesignMatrix(matrix: Matrix(columns: columns), names: names)
    }
  }

  @Test(arguments: [false, true]) func threeWaysAgreeWithDummies(weighted: Bool) throws {
    let made = Made(without: [5])
    let weights = weighted ? made.weights : nil
    let dense = try GeneralizedLinearModel(family: .poisson).fit(
      made.dummies(), response: made.count, weights: weights, offset: made.offset)
    let fit = try AbsorbedPoisson(counting: .all).fit(
      made.design, response: made.count, absorbing: [made.firm, made.year, made.region],
      weights: weights, offset: made.offset)
    #expect(close(fit.coefficients, [dense.coefficients[1], dense.coefficients[2]]))
    for estimator in [
      CovarianceEstimator.classical, .heteroskedastic(.hc0), .heteroskedastic(.hc1),
      .cluster(.cr0, [made.firm]), .cluster(.cr1, [made.firm]),
    ] {
      let left = try fit.covariance(estimator).standardErrors
      let right = try dense.covariance(estimator).standardErrors
      #expect(close(left, [right[1], right[2]]))
    }
    #expect(close(fit.deviance, dense.deviance))
  }

  @Test func groupsOfZerosAndLonelyRowsAreLeftOutAndCounted() throws {
    let made = Made()
    let firms = made.firm.codes.map { made.firm.levels[Int($0)] }
    let zeros = firms.filter { $0 == "f5" }.count
    let fit = try AbsorbedPoisson().fit(
      made.design, response: made.count, absorbing: [made.firm, made.year])
    #expect(fit.zeros == zeros && fit.singletons == 0)
    #expect(
      fit.notes.contains(
        "\(zeros) rows were in an absorbed group whose outcomes are all zero, and left out."))
    let rows = firms.indices.filter { firms[$0] != "f5" }
    let part = try AbsorbedPoisson().fit(
      made.design.selecting(rows: rows), response: rows.map { made.count[$0] },
      absorbing: [made.firm.selecting(rows), made.year.selecting(rows)])
    #expect(close(fit.coefficients, part.coefficients, .converged))
    let left = try fit.covariance(.cluster(.cr1, [made.firm])).standardErrors
    let right = try part.covariance(.cluster(.cr1, [made.firm.selecting(rows)])).standardErrors
    #expect(close(left, right, .converged))
  }

  @Test func ratiosDoNotDependOnUnitsNorOnTheOrderOfRows() throws {
    let made = Made(without: [5])
    var stream = RandomStream(seed: 5, name: "rows")
    let order = stream.permutation(made.count.count)
    let first = try AbsorbedPoisson().fit(
      made.design, response: made.count, absorbing: [made.firm, made.year])
    let second = try AbsorbedPoisson().fit(
      made.design.selecting(rows: order), response: order.map { 1e4 * made.count[$0] },
      absorbing: [made.firm.selecting(order), made.year.selecting(order)])
    #expect(close(first.coefficients, second.coefficients))
    let left = try first.covariance(.cluster(.cr1, [made.firm])).standardErrors
    let right = try second.covariance(.cluster(.cr1, [made.firm.selecting(order)])).standardErrors
    #expect(close(left, right))
  }

  @Test func whatHasNoEstimateIsRefused() throws {
    let made = Made(without: [5])
    func code(
      _ design: DesignMatrix, _ count: [Double], _ factors: [Factor]
    ) -> SiblingError.Code? {
      do {
        _ = try AbsorbedPoisson().fit(design, response: count, absorbing: factors)
        return nil
      } catch { return error.code }
    }
    var negative = made.count
    negative[4] = -1
    #expect(code(made.design, negative, [made.firm]) == .badValue)
    #expect(code(made.design, made.count, [Factor(["a"])]) == .sizeMismatch)
    #expect(code(made.design, made.count.map { _ in 0 }, [made.firm]) == .constantOutcome)
    // An indicator of some zeros of every firm has the effect −∞.
    let zero = made.count.indices.map { $0 % 3 == 0 }
    let separated = DesignMatrix(
      matrix: Matrix(columns: [zero.map { $0 ? 1 : 0 }]), names: ["zero"])
    let count = zip(zero, made.count).map { $0 ? 0 : $1 + 1 }
    #expect(code(separated, count, [made.firm, made.year]) == .separation)
    // Groups of very different size are not that.
    let sizes = made.count.indices.map { row in
      made.count[row] * (made.firm.codes[row] == 0 ? 1e12 : 1)
    }
    let uneven = try AbsorbedPoisson().fit(
      made.design, response: sizes, absorbing: [made.firm, made.year])
    #expect(uneven.coefficients.allSatisfy { $0.isFinite })
    let constant = DesignMatrix(
      matrix: Matrix(columns: [made.firm.codes.map { Double($0) }]), names: ["firm"])
    #expect(code(constant, made.count, [made.firm]) == .rankDeficient)
    let fit = try AbsorbedPoisson().fit(made.design, response: made.count, absorbing: [made.firm])
    #expect(throws: SiblingError.self) { try fit.covariance(.heteroskedastic(.hc3)) }
  }

  @Test func howEffectsCountIsFixests() throws {
    let data = try Counties()
    let golden = try Golden.json("fixest_mpdta.json")
    let (county, year) = (Counties.factor(data.county), Counties.factor(data.year))
    for (counting, key) in [
      (EffectsCounting.notNested, "twfe_cl_adjT_nested"), (.none, "twfe_cl_adjT_none"),
      (.all, "twfe_cl_adjT_full"), (.off, "twfe_cl_adjF"),
    ] {
      let fit = try AbsorbedLeastSquares(counting: counting).fit(
        data.treatment, response: data.lemp, absorbing: [county, year])
      let found = try fit.covariance(.cluster(.cr1, [county]))
      #expect(close(found.standardErrors[0], golden[key].double))
      #expect(found.convention.hasSuffix("t(499)") == (counting == .notNested))
    }
  }
}
