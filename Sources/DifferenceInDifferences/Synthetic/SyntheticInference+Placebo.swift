internal import LinearAlgebra
internal import Statistics

extension SyntheticFit {
  /// Donors in the treated units' place, with the same starts.
  func placebo(
    _ fits: [Fitted], _ effect: Double, _ inference: SyntheticInference
  ) throws(SiblingError) -> Uncertainty {
    let sizes = panel.cohorts.map(\.units.count)
    let treated = sizes.reduce(0, +)
    guard panel.donors.count > treated + (kind == .uniform ? 0 : 1) else {
      throw SiblingError(
        .tooFewClusters,
        "\(treated) treated units against \(panel.donors.count) donors: placebos need more donors"
          + " than treated units, and two left to weight.",
        help: "Use jackknife, bootstrap or conformal inference.")
    }
    guard inference.draws >= 2 else {
      throw SiblingError(.invalidOption, "draws takes a whole number from 2 up", column: "draws")
    }
    let listed = assignments(sizes, atMost: inference.draws)
    let count = listed?.count ?? inference.draws
    let outcomes: [Result<SyntheticResult.Placebo, SiblingError>] = Parallel.mapBlocks(count) {
      index in
      let chosen = listed?[index] ?? drawn(sizes, inference.seed, index)
      do throws(SiblingError) {
        return .success(try placebo(chosen))
      } catch {
        return .failure(error)
      }
    }
    var placebos: [SyntheticResult.Placebo] = []
    for outcome in outcomes { placebos.append(try Self.value(outcome)) }
    let error = Self.deviation(placebos.map(\.estimate))
    let own = ratio(fits)
    let atLeast = placebos.count { $0.ratio >= own * (1 - 1e-10) }
    let test = SyntheticResult.RatioTest(
      ratio: own, pValue: Double(1 + atLeast) / Double(1 + count), assignments: 1 + count,
      isExhaustive: listed != nil)
    let convention =
      listed != nil
      ? "placebo, all \(count) assignments, normal" : "placebo, \(count) draws, normal"
    var result = Uncertainty(
      estimate: Estimate(
        term: "ATT", estimate: effect, standardError: error, level: inference.level,
        convention: convention))
    result.placebos = placebos
    result.ratio = test
    result.attainable = 1 / Double(1 + count)
    let beyond = placebos.count { $0.estimate.magnitude >= effect.magnitude * (1 - 1e-10) }
    result.notes.append(
      "\(convention): \(beyond) of \(count) placebo effects are as far from zero as the estimate")
    if kind != .uniform, 2 * (panel.donors.count - treated) < panel.donors.count {
      result.notes.append(
        "each placebo has \(panel.donors.count - treated) donors left where the estimate has"
          + " \(panel.donors.count): placebos fit worse, so their spread overstates its uncertainty"
      )
    }
    if let p = result.estimate.pValue, p < 1 / Double(1 + count) {
      result.notes.append(
        "the normal p-value is smaller than any rank among \(count) placebos can show; it rests on"
          + " placebo effects being normal and as variable as the treated units'")
    }
    return result
  }

  private static func value<T>(_ result: Result<T, SiblingError>) throws(SiblingError) -> T {
    switch result {
    case .success(let value): return value
    case .failure(let error): throw error
    }
  }

  private func placebo(_ chosen: [[Int]]) throws(SiblingError) -> SyntheticResult.Placebo {
    let taken = Set(chosen.flatMap { $0 })
    let cohorts = zip(chosen, panel.cohorts).map {
      SyntheticPanel.Cohort(units: $0, start: $1.start)
    }
    let fits = try fit(blocks(cohorts), donors: panel.donors.filter { !taken.contains($0) })
    var gaps: [Double] = []
    if cohorts.count == 1 {
      let units = Double(fits.reduce(0) { $0 + $1.block.units.count })
      gaps = panel.periods.indices.map { t in
        fits.reduce(0) { $0 + Double($1.block.units.count) * $1.gaps[t] } / units
      }
    }
    return SyntheticResult.Placebo(
      units: chosen.flatMap { $0.map { panel.labels[$0] } }, estimate: Self.average(fits),
      ratio: ratio(fits), gaps: gaps)
  }

  /// Donors drawn for each cohort, ascending.
  private func drawn(_ sizes: [Int], _ seed: UInt64, _ index: Int) -> [[Int]] {
    var stream = RandomStream(seed: seed, name: "synthetic placebo", index: UInt64(index))
    let places = stream.sample(sizes.reduce(0, +), of: panel.donors.count)
    var from = 0
    return sizes.map { size in
      defer { from += size }
      return places[from..<(from + size)].sorted().map { panel.donors[$0] }
    }
  }

  /// Every way to choose donors for the cohorts, or nil where there are more than a limit.
  private func assignments(_ sizes: [Int], atMost limit: Int) -> [[[Int]]]? {
    var ways = 1.0
    var left = panel.donors.count
    for size in sizes {
      for i in 0..<size { ways = ways * Double(left - i) / Double(i + 1) }
      left -= size
      if ways > Double(limit) + 0.5 { return nil }
    }
    var partial: [[[Int]]] = [[]]
    for size in sizes {
      partial = partial.flatMap { chosen in
        let taken = Set(chosen.flatMap { $0 })
        return Self.subsets(panel.donors.filter { !taken.contains($0) }, size).map { chosen + [$0] }
      }
    }
    return partial
  }

  private static func subsets(_ items: [Int], _ size: Int) -> [[Int]] {
    guard size > 0 else { return [[]] }
    guard items.count >= size else { return [] }
    return items.indices.flatMap { i in
      subsets(Array(items[(i + 1)...]), size - 1).map { [items[i]] + $0 }
    }
  }

  // MARK: bootstrap

  /// Units drawn with replacement; a draw without a treated unit or two donors is drawn again.
  func bootstrap(
    _ fits: [Fitted], _ effect: Double, _ inference: SyntheticInference
  ) throws(SiblingError) -> Uncertainty {
    guard treatedUnits > 1 else {
      throw SiblingError(
        .tooFewClusters, "There is one treated unit: resampling units can't show its uncertainty.",
        help: "Use placebo or conformal inference.")
    }
    guard inference.draws >= 2 else {
      throw SiblingError(.invalidOption, "draws takes a whole number from 2 up", column: "draws")
    }
    let units = panel.cohorts.flatMap(\.units) + panel.donors
    let results: [Result<(Double, Int), SiblingError>] = Parallel.mapBlocks(inference.draws) {
      index in
      let stream = RandomStream(
        seed: inference.seed, name: "synthetic bootstrap", index: UInt64(index))
      do throws(SiblingError) {
        for attempt in 0..<1000 {
          var draws = stream.substream(UInt64(attempt))
          var counts = [Int](repeating: 0, count: panel.labels.count)
          for _ in units { counts[units[draws.integer(below: units.count)]] += 1 }
          func repeated(_ some: [Int]) -> [Int] {
            some.flatMap { [Int](repeating: $0, count: counts[$0]) }
          }
          let cohorts = panel.cohorts.map {
            SyntheticPanel.Cohort(units: repeated($0.units), start: $0.start)
          }.filter { !$0.units.isEmpty }
          let donors = repeated(panel.donors)
          guard !cohorts.isEmpty, donors.count > 1 else { continue }
          return .success((Self.average(try fit(blocks(cohorts), donors: donors)), attempt))
        }
        throw SiblingError(
          .tooFewClusters, "Resamples of these units hardly ever hold treated units and donors.",
          help: "Use placebo or conformal inference.")
      } catch {
        return .failure(error)
      }
    }
    var (estimates, redrawn) = ([Double](), 0)
    for result in results {
      let (value, attempts) = try Self.value(result)
      estimates.append(value)
      redrawn += attempts
    }
    var uncertainty = Uncertainty(
      estimate: Estimate(
        term: "ATT", estimate: effect, standardError: Self.deviation(estimates),
        level: inference.level,
        convention: "bootstrap by unit, \(inference.draws) resamples, normal"))
    uncertainty.notes.append(uncertainty.estimate.convention)
    if redrawn > 0 {
      uncertainty.notes.append(
        "\(redrawn) resamples without treated units or donors were drawn again")
    }
    if treatedUnits < 10 {
      uncertainty.notes.append(
        "with \(treatedUnits) treated units the bootstrap's standard error is uncertain itself;"
          + " compare it with placebo inference")
    }
    return uncertainty
  }
}
