import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct CovarianceTests {
  private func matches(_ matrix: Matrix, _ golden: JSON) -> Bool {
    (0..<matrix.columns).allSatisfy { j in
      (0..<matrix.rows).allSatisfy { i in
        let size = (matrix[i, i] * matrix[j, j]).magnitude.squareRoot()
        return (matrix[i, j] - golden[i][j].double).magnitude <= 1e-8 * size
      }
    }
  }

  @Test func clustersOfCountiesAgreeWithPeers() throws {
    let data = try Counties()
    let golden = try Golden.json("did_extra_mpdta.json")
    let fit = try LeastSquares().fit(data.design, response: data.lemp)
    #expect(close(fit.coefficients, golden["lm_CR0"]["coef"].doubles, .converged))
    let county = Counties.factor(data.county)
    let zero = try fit.covariance(.cluster(.cr0, [county]))
    #expect(matches(zero.matrix, golden["lm_CR0"]["var"]))
    let one = try fit.covariance(.cluster(.cr1, [county]))
    #expect(matches(one.matrix, golden["lm_CR1S"]["var"]))
    #expect(one.convention == "CR1, G=500, t(499)")
    let groups = Counties.factor(data.county.map { $0.truncatingRemainder(dividingBy: 17) })
    let few = try fit.covariance(.cluster(.cr1, [groups]))
    #expect(matches(few.matrix, golden["lm_vcovCL_HC1"]))
    let each = CovarianceEstimator.cluster(
      .cr1, [county, Counties.factor(data.year)], multiway: .each)
    let two = try fit.covariance(each)
    #expect(matches(two.matrix, golden["lm_vcovCL_2way"]))
    #expect(two.convention == "CR1 two-way, G=500 and 5, each its own G, t(4)")
    #expect(two.degreesOfFreedom == 4)
  }

  @Test func rowsWithoutWeightMakeNoCluster() throws {
    let data = try Counties()
    let weights = data.county.map { $0 < 9000 ? 0.0 : 1.0 }
    let rows = weights.indices.filter { weights[$0] > 0 }
    let all = try LeastSquares().fit(data.design, response: data.lemp, weights: weights)
    let part = data.selecting(rows)
    let some = try LeastSquares().fit(part.design, response: part.lemp)
    let left = try all.covariance(.cluster(.cr1, [Counties.factor(data.county)]))
    let right = try some.covariance(.cluster(.cr1, [Counties.factor(part.county)]))
    #expect(left.clusters == right.clusters)
    #expect(close(left.matrix.storage, right.matrix.storage, .converged))
  }

  @Test func singletonClustersAreHeteroskedasticRobust() throws {
    let data = try Counties()
    let fit = try LeastSquares().fit(data.design, response: data.lemp)
    let own = Factor(data.lemp.indices.map { String($0) })
    let clustered = try fit.covariance(.cluster(.cr0, [own])).matrix
    let white = try fit.covariance(.heteroskedastic(.hc0)).matrix
    #expect(close(clustered.storage, white.storage, Tolerance(relative: 1e-9, absolute: 1e-15)))
  }

  @Test func oneClusterOrAMissingOneIsRefused() throws {
    let data = try Counties()
    let fit = try LeastSquares().fit(data.design, response: data.lemp)
    func code(_ estimator: CovarianceEstimator) -> SiblingError.Code? {
      do throws(SiblingError) {
        _ = try fit.covariance(estimator)
        return nil
      } catch { return error.code }
    }
    let one = Factor(data.lemp.map { _ in "a" })
    #expect(code(.cluster(.cr1, [one])) == .tooFewClusters)
    var hole = Counties.factor(data.county)
    hole.codes[3] = -1
    #expect(code(.cluster(.cr1, [hole])) == .missingValue)
    #expect(code(.cluster(.cr1, [hole.selecting([0, 1])])) == .sizeMismatch)
    #expect(code(.cluster(.cr1, [])) == .invalidOption)
  }

  @Test func waldTestAgreesWithR() throws {
    let data = try Lalonde()
    let design = data.design(["(Intercept)", "treat", "age", "racehispan", "racewhite"])
    let fit = try LeastSquares().fit(design, response: data["re78"])
    let golden = try Golden.json("regression_lalonde.json")["wald"]
    let test = try fit.wald(["racehispan", "racewhite"])
    #expect(close(test.chiSquared, golden["chisq"].double, .published))
    #expect(close(test.f, golden["F"].double, .published))
    #expect(close(test.fPValue, golden["p"].double, .published))
    #expect(test.denominator == 609)
    #expect(throws: SiblingError.self) { try fit.wald(["ag"]) }
  }
}
