import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Matching

/// A made-up problem of cardinality matching, and its answer by trying everything.
private struct SmallCardinality {
  var treatment: [Bool]
  var columns: [[Double]]
  var matching: CardinalityMatching

  init(seed: Int, keepsTarget: Bool) {
    var stream = RandomStream(seed: UInt64(seed), name: "cardinality")
    let treated = 2 + stream.integer(below: 5)
    let comparisons = 2 + stream.integer(below: 6)
    treatment = (0..<(treated + comparisons)).map { $0 < treated }
    columns = []
    for _ in 0..<(1 + stream.integer(below: 3)) {
      let grid = [1.0, 4, 1e6][stream.integer(below: 3)]
      columns.append(treatment.map { _ in (stream.uniform() * grid).rounded() })
    }
    let estimands: [Estimand] = keepsTarget ? [.att, .atc] : [.att, .atc, .ate]
    matching = CardinalityMatching(
      estimand: estimands[stream.integer(below: estimands.count)],
      ratio: keepsTarget ? nil : 1 + stream.integer(below: 3),
      tolerance: [0, 0.05, 0.3, 0.6][stream.integer(below: 4)])
  }

  var covariates: [BalanceCovariate] {
    columns.enumerated().map { BalanceCovariate(name: "x\($0.offset)", values: $0.element) }
  }

  func variance(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return squares / Double(values.count)
  }

  /// The balance table's denominator of a column.
  func deviation(_ column: [Double]) -> Double {
    let isBinary = Set(column).count <= 2
    let variances = [true, false].map { group in
      let own = column.indices.filter { treatment[$0] == group }.map { column[$0] }
      let count = Double(own.count)
      return variance(own) * (isBinary ? 1 : count / (count - 1))
    }
    switch matching.estimand {
    case .att: return variances[0].squareRoot()
    case .atc: return variances[1].squareRoot()
    default: return ((variances[0] + variances[1]) / 2).squareRoot()
    }
  }

  /// The most units that can be kept, by listing all subsets.
  func best() -> Int {
    let used = columns.filter { Set($0).count > 1 }
    let deviations = used.map(deviation)
    let focalIsTreated = matching.estimand != .atc
    let rows = treatment.indices
    let groups = [true, false].map { isFocal in
      rows.filter { (treatment[$0] == focalIsTreated) == isFocal }
    }
    func subsets(_ group: [Int]) -> [(count: Int, means: [Double])] {
      (1..<(1 << group.count)).map { bits in
        let chosen = group.indices.filter { bits >> $0 & 1 == 1 }.map { group[$0] }
        return (
          chosen.count,
          used.map { column in
            chosen.reduce(0) { $0 + column[$1] } / Double(chosen.count)
          }
        )
      }
    }
    let others = subsets(groups[1])
    var focal = subsets(groups[0])
    if matching.ratio == nil { focal = focal.suffix(1) }
    var most = 0
    for one in focal {
      for other in others {
        if let ratio = matching.ratio, other.count != ratio * one.count { continue }
        let size = matching.ratio == nil ? other.count : one.count
        guard size > most else { continue }
        let holds = used.indices.allSatisfy { place in
          let spread = (used[place].max() ?? 0) - (used[place].min() ?? 0)
          let unit = deviations[place] > 0 ? deviations[place] : spread
          return (one.means[place] - other.means[place]).magnitude
            <= matching.tolerance * deviations[place] + 1e-9 * unit
        }
        if holds { most = size }
      }
    }
    return most
  }
}

@Suite("Cardinality matching")
struct CardinalityTests {
  private func kept(_ match: Match, _ matching: CardinalityMatching) -> Int {
    let focal = matching.estimand == .atc ? match.comparison : match.treated
    let other = matching.estimand == .atc ? match.treated : match.comparison
    return matching.ratio == nil && matching.estimand != .ate ? other.matched : focal.matched
  }

  @Test("Equal to trying everything, for both readings", arguments: [true, false], 0..<6)
  func small(keepsTarget: Bool, block: Int) throws {
    var refused = 0
    for seed in (block * 100)..<(block * 100 + 100) {
      let problem = SmallCardinality(seed: seed, keepsTarget: keepsTarget)
      let best = problem.columns.allSatisfy { Set($0).count == 1 } ? 0 : problem.best()
      do throws(SiblingError) {
        let match = try problem.matching.match(
          treatment: problem.treatment, covariates: problem.covariates)
        #expect(kept(match, problem.matching) == best, "seed \(seed)")
        let told = match.certificate.cardinality
        #expect(told?.kept == best && told?.gap == 0, "seed \(seed)")
        #expect((told?.relaxation ?? 0) >= Double(best) - 1e-9, "seed \(seed)")
        #expect(match.weights.allSatisfy { $0 == 0 || $0 == 1 })
        #expect(match.subclassFactor == nil && match.pairs.isEmpty)
      } catch {
        #expect(best < 2, "seed \(seed): \(error.message)")
        #expect([.noMatches, .badDesign].contains(error.code), "seed \(seed): \(error)")
        refused += 1
      }
    }
    #expect(refused < 90)
  }

  @Test("A search that ends early tells a bound that the optimum keeps")
  func endsEarly() throws {
    let lalonde = try Lalonde()
    let best = try Golden.json("cardinality_lalonde.json")["ATT_2_0.02"]["kept"].double
    let match = try CardinalityMatching(ratio: 2, tolerance: 0.02, nodeLimit: 3).match(
      treatment: lalonde.treatment, covariates: lalonde.balanceCovariates)
    let told = try #require(match.certificate.cardinality)
    #expect(told.nodes <= 3 && told.gap > 0)
    #expect(Double(told.kept) <= best && Double(told.bound) >= best)
  }

  @Test("The optimum of an independent solver on 614 rows")
  func lalonde() throws {
    let lalonde = try Lalonde()
    let golden = try Golden.json("cardinality_lalonde.json")
    for key in golden.keys {
      let one = golden[key]
      let estimand = try #require(Estimand(rawValue: one["estimand"].string ?? ""))
      let ratio = one["ratio"].double.isNaN ? nil : Int(one["ratio"].double)
      let matching = CardinalityMatching(
        estimand: estimand, ratio: ratio, tolerance: one["tolerance"].double)
      let match = try matching.match(
        treatment: lalonde.treatment, covariates: lalonde.balanceCovariates)
      let told = try #require(match.certificate.cardinality)
      #expect(Double(told.kept) == one["kept"].double, "\(key)")
      // A bound that the limited search did not lower is told as such.
      #expect((0...1).contains(told.gap), "\(key)")
      #expect(
        close(told.relaxation, one["relaxation"].double, Tolerance(relative: 1e-5)),
        "\(key)")
      #expect(kept(match, matching) == told.kept)
      // The balance table says the same of every covariate.
      let balance = try BalanceAssessment(estimand: estimand).assess(
        treatment: lalonde.treatment, weights: match.weights,
        covariates: lalonde.balanceCovariates)
      for row in balance.rows where row.stage == .adjusted {
        guard let difference = row.standardizedMeanDifference else { continue }
        #expect(difference.magnitude <= matching.tolerance + 1e-8, "\(key) \(row.covariate)")
      }
    }
  }
  /// Two groups that differ, with binary and continuous covariates.
  private func drawn(
    _ seed: Int, rows: Int, columns: Int
  ) -> (treatment: [Bool], covariates: [BalanceCovariate]) {
    var stream = RandomStream(seed: UInt64(seed), name: "cardinality fuzz")
    let values = (0..<columns).map { place in
      (0..<rows).map { _ -> Double in
        let draw = stream.uniform()
        return place % 3 == 0 ? (draw < 0.3 ? 1 : 0) : place % 3 == 1 ? draw : (draw * 9).rounded()
      }
    }
    let treatment = (0..<rows).map { row in
      stream.uniform() < 0.15 + 0.4 * values[0][row] || row == 0
    }
    return (
      treatment,
      values.enumerated().map { BalanceCovariate(name: "x\($0.offset)", values: $0.element) }
    )
  }

  @Test(
    "Means are within the tolerance, sizes in the ratio, and the bound above", arguments: 0..<40)
  func fuzz(seed: Int) throws {
    let (treatment, covariates) = drawn(seed, rows: 60 + 17 * seed, columns: 2 + seed % 7)
    let estimand = [Estimand.att, .atc, .ate][seed % 3]
    let ratio: Int? = seed % 4 < 2 ? nil : seed % 4 - 1
    let matching = CardinalityMatching(
      estimand: estimand, ratio: ratio, tolerance: [0.02, 0.05, 0.1][seed / 3 % 3])
    let match = try matching.match(treatment: treatment, covariates: covariates)
    let told = try #require(match.certificate.cardinality)
    #expect(told.kept == kept(match, matching) && told.gap >= 0)
    #expect(Double(told.bound) <= told.relaxation + 1e-3)
    // Large samples leave room: the optimum is proven, or nearly.
    #expect(told.gap <= 1 + told.bound / 20)
    let focal = estimand == .atc ? match.comparison : match.treated
    let other = estimand == .atc ? match.treated : match.comparison
    if let each = ratio ?? (estimand == .ate ? 1 : nil) {
      #expect(other.matched == each * focal.matched)
    } else {
      #expect(focal.matched == focal.all)
    }
    let balance = try BalanceAssessment(estimand: estimand).assess(
      treatment: treatment, weights: match.weights, covariates: covariates)
    for row in balance.rows where row.stage == .adjusted {
      guard let difference = row.standardizedMeanDifference else { continue }
      #expect(difference.magnitude <= matching.tolerance + 1e-8)
    }
  }

  @Test("The order of the rows and the scale of the covariates change nothing", arguments: 0..<10)
  func rowOrder(seed: Int) throws {
    let (treatment, covariates) = drawn(seed, rows: 150, columns: 5)
    let matching = CardinalityMatching(
      estimand: seed % 2 == 0 ? .ate : .att, ratio: seed % 2 == 0 ? 1 : nil)
    let match = try matching.match(treatment: treatment, covariates: covariates)
    let order = Array(treatment.indices.reversed())
    let turned = try matching.match(
      treatment: order.map { treatment[$0] },
      covariates: covariates.map { covariate in
        BalanceCovariate(name: covariate.name, values: order.map { covariate.values[$0] })
      })
    #expect(turned.certificate.cardinality == match.certificate.cardinality)
    let scaled = try matching.match(
      treatment: treatment,
      covariates: covariates.map { covariate in
        BalanceCovariate(name: covariate.name, values: covariate.values.map { $0 * 1024 })
      })
    #expect(scaled.certificate.cardinality == match.certificate.cardinality)
    #expect(scaled.weights == match.weights)
  }

  @Test("A sample without sets has robust errors")
  func effect() throws {
    let lalonde = try Lalonde()
    let match = try CardinalityMatching(estimand: .ate).match(
      treatment: lalonde.treatment, covariates: lalonde.balanceCovariates)
    let effect = try MatchedEffect().estimate(
      outcome: lalonde.earnings, treatment: lalonde.treatment, match: match)
    let plain = try MatchedEffect().estimate(
      outcome: lalonde.earnings, treatment: lalonde.treatment, weights: match.weights,
      estimand: .ate)
    #expect(effect.estimate.standardError == plain.estimate.standardError)
    #expect(effect.estimate.estimate == plain.estimate.estimate)
    #expect(effect.clusters == nil)
    #expect(effect.population.hasPrefix("ATE among the 236 of 614 units"))
  }

  @Test("What can't be answered is refused in words")
  func refusals() throws {
    let treatment = [true, true, true, false, false, false]
    func code(
      _ matching: CardinalityMatching, _ values: [Double], _ treatment: [Bool]
    ) -> (SiblingError.Code?, String) {
      do throws(SiblingError) {
        _ = try matching.match(
          treatment: treatment, covariates: [BalanceCovariate(name: "age", values: values)])
        return (nil, "")
      } catch {
        return (error.code, error.message)
      }
    }
    let values = [1.0, 2, 3, 1, 2, 4]
    let plain = CardinalityMatching()
    #expect(code(CardinalityMatching(estimand: .ato), values, treatment).0 == .invalidOption)
    #expect(code(CardinalityMatching(tolerance: -1), values, treatment).0 == .invalidOption)
    #expect(code(CardinalityMatching(tolerance: .nan), values, treatment).0 == .invalidOption)
    #expect(code(CardinalityMatching(ratio: 0), values, treatment).0 == .invalidOption)
    #expect(code(plain, [1, 1, 1, 1, 1, 1], treatment).0 == .badDesign)
    #expect(code(plain, [1, 2], treatment).0 == .sizeMismatch)
    #expect(code(plain, [1, 2, .nan, 1, 2, 3], treatment).0 == .missingValue)
    #expect(code(plain, [1, 2, .infinity, 1, 2, 3], treatment).0 == .badValue)
    #expect(
      code(plain, [1e308, -1e308, 1e308, -1e308, 1e308, 0], treatment).0 == .badValue)
    #expect(code(plain, values, [Bool](repeating: true, count: 6)).0 == .constantTreatment)
    let one = code(plain, values, [true, false, false, false, false, false])
    #expect(one.0 == .tooFewObservations && one.1.contains("age"))
    let apart = code(plain, [1, 2, 3, 11, 12, 13], treatment)
    #expect(apart.0 == .noMatches && apart.1.contains("age binds most"))
    #expect(code(CardinalityMatching(ratio: 1), [1, 2, 3, 11, 12, 13], treatment).0 == .noMatches)
  }
}
