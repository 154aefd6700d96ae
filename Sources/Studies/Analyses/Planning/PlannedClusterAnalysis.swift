internal import Statistics

/// `power --design clusters`: what few whole sites can find at one time.
struct PlannedClusterAnalysis: Sendable {
  var design: String
  var test: MinimumDetectableEffect
  var plan: PlannedClusters
  /// The rate expected without the programme, where the outcome is yes or no.
  var rate: Double?

  /// Decodes the options.
  ///
  /// - Throws: `invalidOption` for an option that is missing, out of place or out of range.
  init(design: String, options: OptionValues) throws(SiblingError) {
    self.design = design
    let share = 1e-9...(1 - 1e-9)
    test = MinimumDetectableEffect(
      level: try options.number(.testLevel, in: share) ?? 0.05,
      power: try options.number(.powerWanted, in: share) ?? 0.8)
    func count(_ key: OptionKey) throws(SiblingError) -> Int {
      guard let value = try options.integer(key, in: 1...999_999) else {
        throw options.wrong(key, "is needed for --design \(design)")
      }
      return value
    }
    rate = try options.number(.plannedRate, in: share)
    let given = try options.number(.plannedDeviation, in: Double.leastNormalMagnitude...1e100)
    if rate != nil, given != nil { throw options.wrong(.plannedRate, "can't be given with --sd") }
    guard let deviation = given ?? rate.map({ ($0 * (1 - $0)).squareRoot() }) else {
      throw options.wrong(.plannedDeviation, "or --rate is needed for --design \(design)")
    }
    guard let size = try options.number(.peoplePerSite, in: 1...1e12) else {
      throw options.wrong(.peoplePerSite, "is needed for --design \(design)")
    }
    plan = try PlannedClusters(
      treated: try count(.treatedSites), comparison: try count(.comparisonSites),
      clusterSize: size, standardDeviation: deviation,
      intraclusterCorrelation: try options.number(.intraclusterCorrelation, in: 0...0.999) ?? 0)
  }

  /// The rows of the verb, and notes.
  ///
  /// - Throws: what the formulas refuse.
  func rows() throws(SiblingError) -> (rows: [PowerAnalysis.Row], notes: [String]) {
    let detectable = try plan.detectable(test)
    let smallest = try plan.smallestPValue()
    let rows: [PowerAnalysis.Row] = [
      ("test.level", test.level), ("power", test.power), ("std.error", plan.standardError),
      ("df", plan.degreesOfFreedom), ("detectable", detectable), ("smallest.p", smallest.value),
    ]
    var notes: [String] = []
    if smallest.value > test.level {
      notes.append(PowerAnalysis.unreachable(smallest))
    }
    if let rate, rate + detectable > 1, rate - detectable < 0 {
      notes.append(
        "no change of a rate of \(rate) is as large as the detectable effect: this comparison can't"
          + " find anything")
    }
    return (rows, notes)
  }
}
