import LinearAlgebra
import Statistics
import Testing

@Suite("Chained equations")
struct ChainedEquationsTests {
  /// Made-up people: two related numbers, a yes/no, a band, ten sites; every fifth value is gone.
  private static func people(_ rows: Int, gaps: Bool = true) -> (
    variables: [ImputationVariable], site: Factor
  ) {
    var stream = RandomStream(seed: 4, name: "people")
    var (age, weeks, worked): ([Double], [Double], [Double]) = ([], [], [])
    var band: [Int32] = []
    for row in 0..<rows {
      let z = stream.normal()
      age.append((40 + 10 * z).rounded())
      weeks.append(20 + 3 * z + Double(row % 10) + stream.normal())
      worked.append(z + stream.normal() > 0 ? 1 : 0)
      band.append(Int32(stream.integer(below: 3)))
    }
    if gaps {
      for row in 0..<rows {
        if stream.uniform() < 0.2 { age[row] = .nan }
        if stream.uniform() < 0.2 { weeks[row] = .nan }
        if stream.uniform() < 0.2 { worked[row] = .nan }
        if stream.uniform() < 0.2 { band[row] = -1 }
      }
    }
    return (
      [
        ImputationVariable("age", .numbers(age)), ImputationVariable("weeks", .numbers(weeks)),
        ImputationVariable("worked", .numbers(worked)),
        ImputationVariable("band", .categories(Factor(codes: band, levels: ["a", "b", "c"]))),
      ],
      Factor(codes: (0..<rows).map { Int32($0 % 10) }, levels: (0..<10).map { "s\($0)" })
    )
  }

  private static func cells(_ variable: ImputationVariable) -> [Double] {
    switch variable.values {
    case .numbers(let values): values
    case .categories(let factor): factor.codes.map { $0 < 0 ? .nan : Double($0) }
    }
  }

  @Test("Only missing cells change, and matched values are observed ones", arguments: [0, 1, 2])
  func onlyMissing(_ sites: Int) throws {
    let (variables, site) = Self.people(200)
    let result = try ChainedEquations(
      imputations: 3, iterations: 3, siteEffects: sites == 2 ? .random : .fixed
    ).impute(variables, site: sites == 0 ? nil : site)
    #expect(result.completed.count == 3)
    for copy in result.completed {
      for (before, after) in zip(variables, copy) {
        let (old, new) = (Self.cells(before), Self.cells(after))
        let observed = Set(old.filter(\.isFinite))
        #expect(after.missingRows.isEmpty)
        for row in old.indices where old[row].isFinite { #expect(old[row] == new[row]) }
        // Every default method gives values that someone has.
        for value in new { #expect(observed.contains(value)) }
      }
    }
    #expect(result.completed[0] != result.completed[1])
    #expect(result.traces.map(\.variable) == ["age", "weeks", "worked", "band"])
    #expect(result.traces.allSatisfy { $0.means.count == 3 && $0.means[0].count == 3 })
  }

  @Test("Nothing missing: every copy is the data")
  func complete() throws {
    let (variables, site) = Self.people(50, gaps: false)
    let result = try ChainedEquations(imputations: 2).impute(variables, site: site)
    #expect(result.completed == [variables, variables])
    #expect(result.notes.count == 1)
  }

  @Test("The same seed gives the same copies on any number of threads; another seed others")
  func threads() throws {
    let before = Parallel.threads
    defer { Parallel.setThreads(before) }
    let (variables, site) = Self.people(150)
    for effects in SiteEffects.allCases {
      let equations = ChainedEquations(
        imputations: 4, iterations: 2, methods: ["weeks": .normal], siteEffects: effects,
        interaction: "worked")
      var found: [[[ImputationVariable]]] = []
      for threads in [1, 3] {
        Parallel.setThreads(threads)
        found.append(try equations.impute(variables, site: site).completed)
      }
      #expect(found[0] == found[1])
      // A copy does not depend on how many are made.
      var fewer = equations
      fewer.imputations = 2
      #expect(try fewer.impute(variables, site: site).completed == Array(found[0].prefix(2)))
      var other = equations
      other.seed = 2
      #expect(try other.impute(variables, site: site).completed != found[0])
    }
  }

  @Test("A variable that the others determine is found again")
  func determined() throws {
    var (variables, _) = Self.people(120, gaps: false)
    let age = Self.cells(variables[0])
    let exact = age.map { 2 * $0 + 1 }
    var gaps = exact
    for row in stride(from: 0, to: 120, by: 7) { gaps[row] = .nan }
    variables.append(ImputationVariable("double", .numbers(gaps)))
    // A copy of age is dropped from the model, and the note says so.
    variables.append(ImputationVariable("copy", .numbers(age)))
    let result = try ChainedEquations(
      imputations: 2, iterations: 2, methods: ["double": .normal]
    ).impute(variables)
    for copy in result.completed {
      for (found, wanted) in zip(Self.cells(copy[4]), exact) {
        #expect((found - wanted).magnitude < 1e-4)
      }
    }
    #expect(result.notes.contains { $0.contains("'copy'") && $0.contains("'double'") })
  }

  @Test("Perfect prediction gives finite models and no impossible category")
  func separation() throws {
    var stream = RandomStream(seed: 1, name: "separation")
    let x = (0..<100).map { _ in stream.normal() }
    var y = x.map { $0 > 0 ? 1.0 : 0 }
    var z: [Int32] = x.map { $0 > 0.7 ? 2 : $0 > -0.7 ? 1 : 0 }
    for row in 0..<30 { (y[row], z[row]) = (.nan, -1) }
    let result = try ChainedEquations(imputations: 5, iterations: 3).impute([
      ImputationVariable("x", .numbers(x)), ImputationVariable("y", .numbers(y)),
      ImputationVariable("z", .categories(Factor(codes: z, levels: ["l", "m", "h"]))),
    ])
    var agree = 0
    for copy in result.completed {
      let found = Self.cells(copy[1])
      agree += (0..<30).count { (found[$0] == 1) == (x[$0] > 0) }
    }
    #expect(agree > 105)
  }

  @Test("Donors are the nearest, and ties at the margin share")
  func donors() throws {
    // One observed predictor with two values: donors must come from the own group.
    let group = (0..<40).map { Double($0 % 2) }
    var value = (0..<40).map { Double($0 % 2) * 100 + Double($0) }
    for row in 0..<10 { value[row] = .nan }
    let result = try ChainedEquations(imputations: 40, iterations: 1).impute([
      ImputationVariable("group", .numbers(group)), ImputationVariable("value", .numbers(value)),
    ])
    var used: Set<Double> = []
    for copy in result.completed {
      let found = Self.cells(copy[1])
      for row in 0..<10 {
        #expect((found[row] >= 100) == (group[row] == 1))
        used.insert(found[row])
      }
    }
    // All thirty observed people are equally near within their group.
    #expect(used.count == 30)
  }

  @Test("A random intercept keeps the spread of a yes/no between many small sites")
  func spreadBetweenSites() throws {
    let (sites, each) = (60, 30)
    var stream = RandomStream(seed: 8, name: "spread")
    let site = Factor(
      codes: (0..<(sites * each)).map { Int32($0 / each) }, levels: (0..<sites).map { "s\($0)" })
    var (x, y): ([Double], [Double]) = ([], [])
    for _ in 0..<sites {
      let effect = stream.normal()
      for _ in 0..<each {
        x.append(stream.normal())
        // A logistic deviate by inversion of a uniform draw is near enough 1.7 normals.
        y.append(effect + 0.5 * (x.last ?? 0) + 1.7 * stream.normal() > 0 ? 1 : 0)
      }
    }
    func spread(_ values: [Double]) -> Double {
      let means = (0..<sites).map { site in
        values[(site * each)..<((site + 1) * each)].reduce(0, +) / Double(each)
      }
      let mean = means.reduce(0, +) / Double(sites)
      return means.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(sites - 1)
    }
    let gaps = y.map { stream.uniform() < 0.4 ? .nan : $0 }
    let result = try ChainedEquations(
      imputations: 10, iterations: 5, siteEffects: .random
    ).impute(
      [ImputationVariable("x", .numbers(x)), ImputationVariable("y", .numbers(gaps))], site: site)
    let found = result.completed.reduce(0) { $0 + spread(Self.cells($1[1])) } / 10
    #expect((found / spread(y) - 1).magnitude < 0.2, "\(found) against \(spread(y))")
    // Without sites in the model the spread is lost.
    let flat = try ChainedEquations(imputations: 10, iterations: 1).impute([
      ImputationVariable("x", .numbers(x)), ImputationVariable("y", .numbers(gaps)),
    ])
    let lost = flat.completed.reduce(0) { $0 + spread(Self.cells($1[1])) } / 10
    #expect(lost < 0.75 * spread(y))
  }

  @Test("Diagnostics tell a chain that moves from one that stands")
  func diagnostics() throws {
    let (variables, _) = Self.people(200)
    let trace = try ChainedEquations(imputations: 5, iterations: 20).impute(variables).traces[0]
    let reduction = try #require(trace.scaleReduction)
    #expect(reduction < 1.3)
    #expect(try #require(trace.drift).magnitude < 6)
    let short = try ChainedEquations(imputations: 1, iterations: 2).impute(variables).traces[0]
    #expect(short.scaleReduction == nil)
    #expect(short.drift == nil)
  }
}

@Suite("Chained equations refuse")
struct ChainedEquationsRefusalTests {
  private func code(
    _ variables: [ImputationVariable], site: Factor? = nil,
    _ equations: ChainedEquations = ChainedEquations(imputations: 2, iterations: 1)
  ) -> SiblingError.Code? {
    do throws(SiblingError) {
      _ = try equations.impute(variables, site: site)
      return nil
    } catch {
      return error.code
    }
  }

  private func numbers(_ name: String, _ values: [Double]) -> ImputationVariable {
    ImputationVariable(name, .numbers(values))
  }

  private let x = (0..<30).map { Double(($0 * 7) % 11) }
  private var y: [Double] { (0..<30).map { $0 % 3 == 0 ? .nan : Double(($0 * 5) % 13) } }

  @Test func data() {
    #expect(code([]) == .noRows)
    #expect(code([numbers("x", [])]) == .noRows)
    #expect(code([numbers("x", x), numbers("y", [1])]) == .sizeMismatch)
    #expect(code([numbers("x", x), numbers("x", y)]) == .duplicateColumn)
    // Nothing observed, one observed value, all observed the same.
    let nothing = [Double](repeating: .nan, count: 30)
    #expect(code([numbers("x", x), numbers("y", nothing)]) == .badDesign)
    #expect(code([numbers("x", x), numbers("y", [3] + nothing.dropFirst())]) == .badDesign)
    #expect(code([numbers("x", x), numbers("y", [3, 3] + nothing.dropFirst(2))]) == .badDesign)
    #expect(code([numbers("x", nothing), numbers("y", y)]) == .badDesign)
    // A constant that is complete predicts nothing and is left out.
    #expect(code([numbers("x", [Double](repeating: 1, count: 30)), numbers("y", y)]) == nil)
    // More predictors than rows with a value.
    let many = (0..<25).map { j in numbers("p\(j)", x.indices.map { Double(($0 * (j + 3)) % 17) }) }
    #expect(code(many + [numbers("y", y)]) == .tooFewObservations)
    // A text of thousands of levels, as predictor and as target.
    let names = Factor(codes: (0..<300).map { Int32($0) }, levels: (0..<300).map { "p\($0)" })
    let long = (0..<300).map { $0 % 3 == 0 ? Double.nan : Double($0 % 13) }
    #expect(code([ImputationVariable("id", .categories(names)), numbers("y", long)]) == .badDesign)
    // Huge values neither overflow nor trap.
    let huge = y.map { $0 * 1e300 }
    #expect(code([numbers("x", x), numbers("y", huge)]) == nil)
    #expect(code([numbers("x", [1]), numbers("y", [.nan])]) == .badDesign)
  }

  @Test func options() {
    let both = [numbers("x", x), numbers("y", y)]
    #expect(code(both, ChainedEquations(methods: ["z": .normal])) == .invalidOption)
    #expect(code(both, ChainedEquations(methods: ["y": .multinomial])) == .invalidOption)
    #expect(code(both, ChainedEquations(methods: ["y": .logistic])) == .invalidOption)
    #expect(code(both, ChainedEquations(imputations: 0)) == .invalidOption)
    #expect(code(both, ChainedEquations(predictors: ["y": ["w"]])) == .invalidOption)
    let band = Factor(codes: (0..<30).map { Int32($0 % 4) - 1 }, levels: ["a", "b", "c"])
    #expect(
      code(
        [ImputationVariable("band", .categories(band))],
        ChainedEquations(methods: ["band": .normal]))
        == .invalidOption)
  }

  @Test func sites() {
    let both = [numbers("x", x), numbers("y", y)]
    func sites(_ count: Int) -> Factor {
      Factor(codes: (0..<30).map { Int32($0 % count) }, levels: (0..<count).map { "s\($0)" })
    }
    let fixed = ChainedEquations(imputations: 2, iterations: 1)
    let random = ChainedEquations(imputations: 2, iterations: 1, siteEffects: .random)
    // Every third row lacks y, so one of three sites has none.
    #expect(code(both, site: sites(3), fixed) == .badDesign)
    #expect(code(both, site: sites(3), random) == .tooFewClusters)
    #expect(code(both, site: sites(6), fixed) == .badDesign)
    #expect(code(both, site: sites(6), random) == nil)
    #expect(code(both, site: sites(30), random) == .badDesign)
    #expect(code(both, site: sites(1), fixed) == nil)
    let gap = Factor(
      codes: (0..<30).map { $0 == 4 ? -1 : Int32($0 % 5) }, levels: ["a", "b", "c", "d", "e"])
    #expect(code(both, site: gap, fixed) == .missingValue)
  }
}
