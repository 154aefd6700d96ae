import Glibc
import LinearAlgebra
import Statistics
import TestSupport
import Testing

/// The rows of mpdta that few_clusters.R fits, with its made-up variables.
struct ClusteredCounties {
  let data: Counties
  let x: [Double]
  let weights: [Double]
  /// An outcome of zeros and ones that nothing explains.
  let high: [Double]

  init(_ keep: (_ county: Double) -> Bool = { _ in true }) throws {
    let all = try Counties()
    let rows = all.year.indices.filter { ($0 + 1) % 7 != 0 && keep(all.county[$0]) }
    data = all.selecting(rows)
    x = rows.map { sin(Double($0 + 1)) }
    high = rows.map { (($0 + 1) * 7) % 11 < 5 ? 1 : 0 }
    weights = rows.map { 1 + Double(($0 + 1) % 5) / 3 }
  }

  func groups(_ modulus: Double) -> Factor {
    Counties.factor(data.county.map { $0.truncatingRemainder(dividingBy: modulus) })
  }

  /// (Intercept), D, lpop, x as `few_clusters.R` names them.
  var design: DesignMatrix {
    DesignMatrix(
      matrix: Matrix(columns: [data.lemp.map { _ in 1 }, data.treated, data.lpop, x]),
      names: ["(Intercept)", "D", "lpop", "x"])
  }
}

@Suite struct ClusterRobustTests {
  private func rows(_ sample: FewClusterSample) throws -> [String: FewClusterRow] {
    let rows = try ClusterRobustTable().rows(sample)
    #expect(rows.map(\.method) == ["CR0", "CR1", "CR2", "CR3", "CR3", "CR3"])
    return Dictionary(
      uniqueKeysWithValues: zip(["CR0", "CR1", "CR2", "CR3a", "CR3b", "CR3c"], rows))
  }

  @Test func grunfeldAgreesWithPublishedValues() throws {
    let golden = try Golden.json("panels/few_clusters.json")
    let found = try rows(FewClusterData.grunfeld())
    func error(_ key: String) -> Double { found[key]?.standardError ?? .nan }
    #expect(close(found["CR1"]?.estimate ?? .nan, 0.4138018345953846))
    #expect(close(error("CR0"), golden["grunfeld_CR0"].double))
    #expect((error("CR1") - 0.0632812941).magnitude < 5e-11)
    #expect(found["CR1"]?.degreesOfFreedom == 9)
    #expect(found["CR1"]?.convention == "G/(G-1)(N-1)/(N-K), K = 21, t(9)")
    #expect(close(error("CR2"), golden["grunfeld_CR2"].double))
    #expect(close(found["CR2"]?.degreesOfFreedom ?? .nan, golden["grunfeld_df"].double))
    #expect(((found["CR2"]?.pValue ?? .nan) - 0.112).magnitude < 5e-4)
    #expect((error("CR3c") - 0.36019).magnitude < 5e-6)
    #expect(((found["CR3c"]?.pValue ?? .nan) - 0.280).magnitude < 5e-4)
    #expect(close(error("CR3a"), error("CR3b") * 0.9.squareRoot()))
  }

  @Test(arguments: ["plain", "weighted", "small"]) func linearModelsAgreeWithClubSandwich(
    _ key: String
  ) throws {
    let golden = try Golden.json("panels/few_clusters.json")
    let data = try ClusteredCounties()
    for term in 0..<4 {
      let sample = try FewClusterSample(
        outcome: data.data.lemp, design: data.design, term: term,
        clusters: data.groups(key == "small" ? 1e6 : 17),
        weights: key == "plain" ? nil : data.weights)
      let found = try rows(sample)
      for (row, name) in [
        ("CR0", "CR0"), ("CR1", "CR1S"), ("CR2", "CR2"), ("CR3b", "CR3"),
      ] {
        #expect(
          close(found[row]?.standardError ?? .nan, golden["\(key)_\(name)"][term].double), "\(name)"
        )
      }
      #expect(close(found["CR2"]?.degreesOfFreedom ?? .nan, golden["\(key)_df"][term].double))
      #expect(close(found["CR2"]?.estimate ?? .nan, golden["\(key)_coef"][term].double))
    }
  }

  @Test func countiesAgreeWithClubSandwich() throws {
    let data = try Counties()
    let golden = try Golden.json("did_extra_mpdta.json")
    let fit = try LeastSquares().fit(data.design, response: data.lemp)
    let county = Counties.factor(data.county)
    let few = Counties.factor(data.county.map { $0.truncatingRemainder(dividingBy: 17) })
    let all = Array(0..<7)
    for (clusters, key) in [(county, "lm_CR2_satt"), (few, "lm_CR2_17clusters")] {
      let table = try fit.estimates(covariance: .cluster(.cr2, [clusters]))
      #expect(agree(table, golden[key]["se"], golden[key]["df"], all))
      #expect(close(table.rows.map { $0.pValue ?? .nan }, golden[key]["p"].doubles))
    }
    for type in [ClusterType.cr2, .cr3] {
      let matrix = try fit.covariance(.cluster(type, [county])).matrix
      for j in all {
        let expected = golden["lm_\(type.rawValue)"]["var"][j].doubles
        let scale = matrix.diagonal.map { ($0 * matrix[j, j]).squareRoot() }
        let off = all.map { (matrix[$0, j] - expected[$0]).magnitude / scale[$0] }
        #expect(off.allSatisfy { $0 < 1e-8 })
      }
    }
    let effects = try AbsorbedLeastSquares().fit(
      data.treatment, response: data.lemp, absorbing: [county, Counties.factor(data.year)])
    let row = try effects.estimates(covariance: .cluster(.cr2, [county])).rows[0]
    // R: clubSandwich on columns with county means taken out.
    #expect(close(row.standardError ?? .nan, 0.013270429980301))
    #expect(close(row.degreesOfFreedom ?? .nan, 279.82622009654))
  }

  private func agree(
    _ table: EstimateTable, _ errors: JSON, _ degrees: JSON?, _ terms: [Int]
  ) -> Bool {
    let rows = terms.map { table.rows[$0] }
    return close(rows.map { $0.standardError ?? .nan }, errors.doubles, .published)
      && degrees.map { close(rows.map { $0.degreesOfFreedom ?? .nan }, $0.doubles) } ?? true
  }

  @Test func regressionsOfEveryKindTakeCR2AndCR3() throws {
    let golden = try Golden.json("panels/few_clusters.json")
    let data = try ClusteredCounties()
    let clusters = [data.groups(17)]
    let outcome = data.data.lemp
    let linear = try LeastSquares().fit(data.design, response: outcome, weights: data.weights)
    let all = [0, 1, 2, 3]
    let two = try linear.estimates(covariance: .cluster(.cr2, clusters))
    #expect(agree(two, golden["weighted_CR2"], golden["weighted_df"], all))
    #expect(two.rows[0].convention.hasPrefix("CR2, G=17, Satterthwaite df"))
    let three = try linear.estimates(covariance: .cluster(.cr3, clusters))
    #expect(agree(three, golden["weighted_CR3"], nil, all))
    #expect(three.rows[0].convention == "CR3, G=17, jackknife without a factor, t(16)")
    let order = data.design.selecting(columns: [0, 2, 3, 1])
    for (key, family, response) in [
      ("logit", Family.binomial, data.high),
      ("count", Family.poisson, outcome.map { (exp($0) / 100).rounded(.toNearestOrEven) }),
    ] {
      let fit = try GeneralizedLinearModel(family: family).fit(order, response: response)
      let two = try fit.estimates(covariance: .cluster(.cr2, clusters))
      #expect(agree(two, golden["\(key)_CR2"], golden["\(key)_df"], all), "\(key)")
      let three = try fit.estimates(covariance: .cluster(.cr3, clusters))
      #expect(agree(three, golden["\(key)_CR3"], nil, all), "\(key)")
    }
  }

  @Test(arguments: ["effects", "weighted_effects"]) func absorbedFitsTakeCR2AndCR3(
    _ key: String
  ) throws {
    let golden = try Golden.json("panels/few_clusters.json")
    let data = try ClusteredCounties { $0.truncatingRemainder(dividingBy: 9) == 0 }
    let fit = try AbsorbedLeastSquares().fit(
      data.design.selecting(columns: [1, 3]), response: data.data.lemp,
      absorbing: [Counties.factor(data.data.county), Counties.factor(data.data.year)],
      weights: key == "effects" ? nil : data.weights)
    let two = try fit.estimates(covariance: .cluster(.cr2, [data.groups(13)]))
    #expect(agree(two, golden["\(key)_CR2"], golden["\(key)_df"], [0, 1]))
    let three = try fit.estimates(covariance: .cluster(.cr3, [data.groups(13)]))
    #expect(agree(three, golden["\(key)_CR3"], nil, [0, 1]))
  }

  @Test(arguments: ["effects", "weighted_effects"]) func absorbedEffectsAgreeWithDummies(
    _ key: String
  ) throws {
    let golden = try Golden.json("panels/few_clusters.json")
    let data = try ClusteredCounties { $0.truncatingRemainder(dividingBy: 9) == 0 }
    let design = data.design.selecting(columns: [1, 3])
    for term in 0..<2 {
      let sample = try FewClusterSample(
        outcome: data.data.lemp, design: design, term: term, clusters: data.groups(13),
        absorbed: [Counties.factor(data.data.county), Counties.factor(data.data.year)],
        weights: key == "effects" ? nil : data.weights)
      let found = try rows(sample)
      for (row, name) in [("CR0", "CR0"), ("CR2", "CR2"), ("CR3b", "CR3")] {
        #expect(
          close(found[row]?.standardError ?? .nan, golden["\(key)_\(name)"][term].double), "\(name)"
        )
      }
      #expect(close(found["CR2"]?.degreesOfFreedom ?? .nan, golden["\(key)_df"][term].double))
      guard term == 0 else { continue }
      let leverage = try ClusterLeverage(sample)
      // The file's clusters are in numeric order, the factor's levels in order of their text.
      let order = leverage.clusters.indices.sorted {
        (Int(leverage.clusters[$0]) ?? 0) < (Int(leverage.clusters[$1]) ?? 0)
      }
      #expect(
        close(
          order.map { leverage.leaveOneOut[$0] ?? .nan }, golden["\(key)_without"].doubles))
    }
  }
}
