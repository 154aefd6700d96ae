import DifferenceInDifferences
import LinearAlgebra
import Statistics
import TestSupport
import Testing

@Suite struct SyntheticPropertyTests {
  private static let few = SyntheticInference(draws: 30, seed: 4)

  /// Every estimator on one panel: estimates, standard errors, ratios.
  private func summary(
    _ data: SyntheticData, _ inference: SyntheticInference = few
  ) throws -> [Double] {
    let panel = try data.panel()
    var values: [Double] = []
    let control = try SyntheticControl(inference: inference).fit(panel, outcome: data.outcome)
    values += [
      control.estimate.estimate, control.estimate.standardError ?? -1, control.ratio?.ratio ?? -1,
    ]
    for weighting in SyntheticDifferenceInDifferences.Weighting.allCases {
      let result = try SyntheticDifferenceInDifferences(
        weighting: weighting, inference: inference
      ).fit(panel, outcome: data.outcome)
      values += [
        result.estimate.estimate, result.estimate.standardError ?? -1, result.ratio?.ratio ?? -1,
      ]
    }
    return values
  }

  private static func sample(_ treated: [Double] = [2014]) -> SyntheticData {
    .factors(treated: treated, donors: 12, periods: 20, effect: 2, noise: 0.3, seed: 9)
  }

  @Test func rowOrderAndUnitNames() throws {
    let data = Self.sample()
    let expected = try summary(data)
    var stream = RandomStream(seed: 1, name: "order")
    #expect(try summary(data.permuted(stream.permutation(data.unit.count))) == expected)
    var renamed = data
    renamed.unit = data.unit.map { "z" + String($0.reversed()) }
    #expect(close(try summary(renamed), expected, .converged))
  }

  @Test func outcomeShiftAndScale() throws {
    let data = Self.sample()
    let expected = try summary(data)
    var shifted = data
    shifted.outcome = data.outcome.map { $0 + 500 }
    #expect(close(try summary(shifted), expected, .published))
    var scaled = data
    scaled.outcome = data.outcome.map { -1000 * $0 }
    let values = try summary(scaled)
    for (index, value) in values.enumerated() {
      let factor: Double = [-1000, 1000, 1][index % 3]
      #expect(close(value, factor * expected[index], .published))
    }
    // Intercepts: a level of the treated unit's own changes nothing, nor does one of every period.
    var lifted = data
    for row in data.unit.indices {
      let level: Double = data.group[row] == nil ? 0 : 40
      lifted.outcome[row] += level + data.time[row].remainder(dividingBy: 5)
    }
    let sdid = SyntheticDifferenceInDifferences(inference: SyntheticInference(method: .none))
    let panel = try data.panel()
    var plain = sdid
    plain.weighting = .uniform
    let same = try plain.fit(panel, outcome: lifted.outcome).estimate.estimate
    #expect(
      close(same, try plain.fit(panel, outcome: data.outcome).estimate.estimate, .converged))
    var own = data
    for row in data.unit.indices where data.group[row] != nil { own.outcome[row] += 40 }
    #expect(
      close(
        try sdid.fit(panel, outcome: own.outcome).estimate.estimate,
        try sdid.fit(panel, outcome: data.outcome).estimate.estimate, .published))
  }

  @Test func threadsDoNotMatter() throws {
    let data = Self.sample([2012, 2012, 2015])
    let before = Parallel.threads
    Parallel.setThreads(1)
    let one = try summary(data)
    let resampled = SyntheticInference(method: .bootstrap, draws: 20, seed: 3)
    let alone = try summary(data, resampled)
    Parallel.setThreads(4)
    #expect(try summary(data) == one)
    #expect(try summary(data, resampled) == alone)
    Parallel.setThreads(before)
  }

  @Test func duplicatedAndIrrelevantDonors() throws {
    let data = Self.sample()
    let control = SyntheticControl(inference: SyntheticInference(method: .none))
    let one = try control.fit(data.panel(), outcome: data.outcome)
    let part = one.parts[0]
    let heaviest = try #require(
      part.unitWeights.indices.max { part.unitWeights[$0] < part.unitWeights[$1] })
    func adding(_ value: (Int) -> Double?) -> SyntheticData {
      var more = data
      for row in data.unit.indices {
        guard let outcome = value(row) else { continue }
        more.unit.append("extra")
        more.time.append(data.time[row])
        more.group.append(nil)
        more.outcome.append(outcome)
      }
      return more
    }
    let copy = adding { data.unit[$0] == one.donors[heaviest] ? data.outcome[$0] : nil }
    let twice = try control.fit(copy.panel(), outcome: copy.outcome)
    #expect(close(twice.estimate.estimate, one.estimate.estimate, .converged))
    #expect(twice.parts[0].isTieBroken && !part.isTieBroken)
    #expect(twice.notes.contains { $0.contains("smallest sum of squares") })
    // A donor far below all others gets no weight and changes nothing.
    let low = adding { data.unit[$0] == one.donors[0] ? -100 - data.outcome[$0] : nil }
    let same = try control.fit(low.panel(), outcome: low.outcome)
    let place = try #require(same.donors.firstIndex(of: "extra"))
    #expect(same.parts[0].unitWeights[place] == 0)
    #expect(close(same.estimate.estimate, one.estimate.estimate, .converged))
  }

  @Test func recoversWhereEqualWeightsFail() throws {
    var (control, sdid, did) = (0.0, 0.0, 0.0)
    let runs = 20
    let none = SyntheticInference(method: .none)
    for seed in 0..<runs {
      let data = SyntheticData.factors(
        treated: [2014, 2014, 2017], effect: 2, noise: 0.2, seed: UInt64(seed))
      let panel = try data.panel()
      control += try SyntheticControl(inference: none).fit(panel, outcome: data.outcome)
        .estimate.estimate
      sdid += try SyntheticDifferenceInDifferences(inference: none).fit(
        panel, outcome: data.outcome
      ).estimate.estimate
      did += try SyntheticDifferenceInDifferences(weighting: .uniform, inference: none).fit(
        panel, outcome: data.outcome
      ).estimate.estimate
    }
    let n = Double(runs)
    let bias = (did / n - 2).magnitude
    #expect(bias > 1.5, "\(did / n)")
    #expect((control / n - 2).magnitude < 0.25, "\(control / n)")
    // The ridge, set by changes that are mostly common here, keeps some of the donors' average.
    #expect((sdid / n - 2).magnitude < bias / 2, "\(sdid / n)")
  }

  @Test func cohortsAreAveragedByUnitPeriods() throws {
    let data = Self.sample([2012, 2012, 2015])
    let none = SyntheticInference(method: .none)
    let all = try SyntheticDifferenceInDifferences(inference: none).fit(
      data.panel(), outcome: data.outcome)
    #expect(all.parts.map(\.start) == [2012, 2015] && all.parts.map(\.treatedRows) == [16, 5])
    var sum = 0.0
    for (part, start) in zip(all.parts, [2012.0, 2015]) {
      let alone = data.keeping { data.group[$0] == nil || data.group[$0] == start }
      let result = try SyntheticDifferenceInDifferences(inference: none).fit(
        alone.panel(), outcome: alone.outcome)
      #expect(close(result.estimate.estimate, part.estimate, .converged))
      sum += Double(part.treatedRows) * part.estimate
    }
    #expect(close(all.estimate.estimate, sum / 21, .converged))
    // A synthetic control fits each unit by itself.
    let control = try SyntheticControl(inference: none).fit(data.panel(), outcome: data.outcome)
    #expect(control.parts.map(\.units.count) == [1, 1, 1])
  }

  @Test func assignmentsAreListedWhereTheyAreFew() throws {
    func fit(_ treated: [Double], draws: Int) throws -> SyntheticResult {
      let data = SyntheticData.factors(
        treated: treated, donors: 6, periods: 10, effect: 1, noise: 0.2, seed: 5)
      return try SyntheticDifferenceInDifferences(
        weighting: .uniform, inference: SyntheticInference(draws: draws)
      ).fit(data.panel(), outcome: data.outcome)
    }
    // Two of six, and one of six then one of five.
    let two = try fit([2005, 2005], draws: 15)
    #expect(two.ratio?.isExhaustive == true && two.attainablePValue == 1.0 / 16)
    #expect(Set(two.placebos.map(\.units)).count == 15)
    #expect(two.placebos.allSatisfy { $0.units.count == 2 && $0.gaps.count == 10 })
    let staggered = try fit([2005, 2006], draws: 30)
    #expect(staggered.ratio?.assignments == 31 && staggered.ratio?.isExhaustive == true)
    #expect(Set(staggered.placebos.map(\.units)).count == 30)
    let drawn = try fit([2005, 2006], draws: 29)
    #expect(drawn.ratio?.isExhaustive == false && drawn.placebos.count == 29)
    #expect(drawn.placebos.allSatisfy { Set($0.units).count == 2 })
    #expect(drawn == (try fit([2005, 2006], draws: 29)))
  }

  /// Resamples of units: the peer's standard error, within the draws' own error.
  @Test func bootstrapOfFive() throws {
    var data = try SyntheticData.california()
    data = data.keeping { data.unit[$0] != "California" }
    let five: Set = ["Vermont", "Virginia", "West Virginia", "Wisconsin", "Wyoming"]
    data.group = data.unit.map { five.contains($0) ? 1989 : nil }
    let result = try SyntheticDifferenceInDifferences(
      weighting: .uniform, inference: SyntheticInference(method: .bootstrap, draws: 1000)
    ).fit(data.panel(), outcome: data.outcome)
    // 500 draws of the peer gave 6.34 and 6.00.
    #expect(
      (result.estimate.standardError ?? 0) > 5.6 && (result.estimate.standardError ?? 9) < 6.8)
    #expect(result.notes.contains { $0.contains("5 treated units") })
  }

  @Test func covariates() throws {
    var data = Self.sample()
    var stream = RandomStream(seed: 2, name: "covariate")
    let x = data.unit.indices.map { _ in stream.normal() }
    let none = SyntheticInference(method: .none)
    let design = DesignMatrix(matrix: Matrix(columns: [x]), names: ["x"])
    let plain = try SyntheticDifferenceInDifferences(inference: none).fit(
      data.panel(), outcome: data.outcome)
    let before = try SyntheticDifferenceInDifferences(inference: none).fit(
      data.panel(), outcome: data.outcome, covariates: design)
    // A multiple of the covariate in the outcome is taken out again.
    data.outcome = zip(data.outcome, x).map { $0 + 7 * $1 }
    let after = try SyntheticDifferenceInDifferences(inference: none).fit(
      data.panel(), outcome: data.outcome, covariates: design)
    #expect(close(before.estimate.estimate, after.estimate.estimate, .published))
    #expect(!close(before.estimate.estimate, plain.estimate.estimate, .published))
    // Units of measurement don't matter to a synthetic control's predictors.
    let control = SyntheticControl(inference: none)
    let one = try control.fit(data.panel(), outcome: data.outcome, covariates: design)
    let other = try control.fit(
      data.panel(), outcome: data.outcome.map { $0 * 100 },
      covariates: DesignMatrix(matrix: Matrix(columns: [x.map { $0 / 1000 + 3 }]), names: ["x"]))
    #expect(close(one.parts[0].unitWeights, other.parts[0].unitWeights, .published))
  }
}

@Suite struct SyntheticRefusalTests {
  private func problem(
    _ data: SyntheticData, _ method: SyntheticInference.Method = .none,
    _ weighting: SyntheticDifferenceInDifferences.Weighting? = nil, covariates: DesignMatrix? = nil
  ) -> SiblingError? {
    do throws(SiblingError) {
      let inference = SyntheticInference(method: method, draws: 20)
      if let weighting {
        _ = try SyntheticDifferenceInDifferences(weighting: weighting, inference: inference).fit(
          data.panel(), outcome: data.outcome, covariates: covariates)
      } else {
        _ = try SyntheticControl(inference: inference).fit(
          data.panel(), outcome: data.outcome, covariates: covariates)
      }
      return nil
    } catch {
      return error
    }
  }

  private let data = SyntheticData.factors(
    treated: [2004], donors: 6, periods: 8, effect: 1, noise: 0.1, seed: 1)

  @Test func designs() throws {
    #expect(problem(data) == nil)
    let noDonors = data.keeping { data.group[$0] != nil }
    #expect(problem(noDonors)?.code == .badDesign)
    let oneDonor = data.keeping { data.group[$0] != nil || data.unit[$0] == "d0" }
    #expect(problem(oneDonor)?.message.contains("at least two") == true)
    let onePeriod = data.keeping { data.time[$0] >= 2003 }
    #expect(problem(onePeriod)?.message.contains("Only 1 period") == true)
    #expect(problem(onePeriod, .none, .synthetic)?.code == .badDesign)
    #expect(problem(onePeriod, .none, .uniform) == nil)
    var always = data
    always.group = data.group.map { $0 == nil ? nil : 2000 }
    #expect(problem(always)?.code == .badDesign)
    var missing = data
    missing.outcome[3] = .nan
    #expect(problem(missing)?.row == 3)
    // A hole in the only treated unit.
    let hole = data.keeping { data.group[$0] == nil || data.time[$0] != 2002 }
    #expect(problem(hole)?.message.contains("No treated unit") == true)
  }

  @Test func incompleteAndEarlyUnitsAreCounted() throws {
    var more = data.keeping { data.unit[$0] != "d1" || data.time[$0] != 2005 }
    for t in 0..<8 {
      more.unit.append("early")
      more.time.append(2000 + Double(t))
      more.group.append(2000)
      more.outcome.append(1)
    }
    let none = SyntheticInference(method: .none)
    let result = try SyntheticControl(inference: none).fit(more.panel(), outcome: more.outcome)
    #expect(result.donors == ["d0", "d2", "d3", "d4", "d5"])
    #expect(result.notes.contains { $0.hasPrefix("1 unit without a row") })
    #expect(result.notes.contains { $0.hasPrefix("1 unit treated from the first") })
    let without = data.keeping { data.unit[$0] != "d1" }
    let expected = try SyntheticControl(inference: none).fit(
      without.panel(), outcome: without.outcome)
    #expect(result.estimate == expected.estimate)
  }

  @Test func inferences() throws {
    #expect(problem(data, .jackknife, .synthetic)?.code == .tooFewClusters)
    #expect(problem(data, .bootstrap)?.code == .tooFewClusters)
    #expect(problem(data, .conformal, .synthetic)?.code == .invalidOption)
    #expect(problem(data, .conformal) == nil)
    let many = SyntheticData.factors(
      treated: [2004, 2004, 2004, 2004], donors: 4, periods: 8, effect: 1, noise: 0.1, seed: 1)
    #expect(problem(many, .placebo)?.code == .tooFewClusters)
    #expect(problem(many, .jackknife, .synthetic) == nil)
    let staggered = SyntheticData.factors(
      treated: [2004, 2005], donors: 6, periods: 8, effect: 1, noise: 0.1, seed: 1)
    #expect(problem(staggered, .conformal)?.message.contains("several periods") == true)
    #expect(problem(staggered, .jackknife, .synthetic)?.message.contains("A cohort") == true)
    let sizes = data.unit.map { Double($0.utf8.last ?? 0) }
    let fixed = DesignMatrix(matrix: Matrix(columns: [sizes]), names: ["size"])
    let refusal = problem(data, .none, .synthetic, covariates: fixed)
    #expect(refusal?.code == .rankDeficient && refusal?.column == "size")
  }

  @Test func poorFitsAreTold() throws {
    var far = data
    for row in far.unit.indices where far.group[row] != nil { far.outcome[row] += 100 }
    let result = try SyntheticControl(inference: SyntheticInference(method: .none)).fit(
      far.panel(), outcome: far.outcome)
    #expect(result.parts[0].periodsOutsideDonors == 4)
    #expect(result.notes.contains { $0.contains("the fit before the start is poor") })
    #expect(result.notes.contains { $0.contains("outside the range of all donors") })
    // With eight periods no shift can reach 5%.
    let shifted = try SyntheticControl(inference: SyntheticInference(method: .conformal)).fit(
      data.panel(), outcome: data.outcome)
    #expect(shifted.estimate.interval == nil && shifted.attainablePValue == 0.125)
    #expect(shifted.notes.contains { $0.contains("no interval") })
  }
}
