internal import Contracts
internal import Statistics
internal import Tables

/// The rows of `contract value`.
struct ValueRows {
  /// One row.
  struct Row {
    var term: String
    var arm: String
    var perspective: CostPerspective?
    var site: String?
    var estimate, standardError, degrees: Double?
    var interval: ConfidenceInterval?
    var low, high: Double?
    var convention: String
    var clients, sites: Int?
  }

  let level: Double
  var rows: [Row] = []
  var notes: [String] = []

  init(level: Double) { self.level = level }

  static func arm(_ isTreated: Bool) -> String { isTreated ? "sib" : "non_sib" }

  /// Adds average costs; `clients` counts those who reached the stage.
  mutating func add(_ averages: [AverageCosts.Average], stages: [String]) {
    for average in averages {
      let term = ValueSettings.term(stages[average.stage])
      var row = Row(
        term: term, arm: Self.arm(average.isTreated), perspective: average.perspective,
        site: average.site, estimate: average.estimate, standardError: average.standardError,
        degrees: average.degreesOfFreedom, interval: average.interval,
        convention: average.site == nil ? "ratio of sums over sites, CR2, t" : "one site",
        clients: average.reached, sites: average.sites)
      rows.append(row)
      guard let resampled = average.resampled else { continue }
      row.term = term + ".resampled"
      (row.standardError, row.degrees, row.interval) = (nil, nil, resampled)
      row.convention = "percentiles of resampled sites"
      rows.append(row)
    }
  }

  /// Adds what an additional outcome cost.
  mutating func add(
    _ result: CostEffectResult, perspective: CostPerspective?, outcome: String,
    effectConvention: String, sites: Int? = nil, clients: Int? = nil
  ) {
    let contrast = result.contrast
    func row(
      _ term: String, _ estimate: Double?, _ convention: String, error: Double? = nil,
      degrees: Double? = nil, interval: ConfidenceInterval? = nil
    ) -> Row {
      Row(
        term: term, arm: "difference", perspective: perspective, estimate: estimate,
        standardError: error, degrees: degrees, interval: interval, convention: convention,
        clients: clients, sites: sites)
    }
    rows.append(
      row(
        "delta.cost", contrast.cost,
        sites == nil ? "as given" : "pounds for an accepted client; sites, CR2, t",
        error: contrast.costVariance.squareRoot(), degrees: contrast.costDegrees,
        interval: result.costInterval))
    rows.append(
      row(
        "delta.effect", contrast.effect, effectConvention,
        error: contrast.effectVariance.squareRoot(), degrees: contrast.effectDegrees,
        interval: result.effectInterval))
    rows.append(row("correlation", contrast.correlation, "of the errors of cost and effect"))
    var ratio = row(
      "icer", result.ratio, result.refusal ?? "pounds for an additional '\(outcome)'")
    rows.append(ratio)
    ratio.term = "icer.fieller"
    ratio.degrees = contrast.degreesOfFreedom
    switch result.fieller {
    case .bounded(let low, let high):
      (ratio.low, ratio.high, ratio.convention) = (low, high, "Fieller, bounded")
    case .complement(let below, let above):
      // Two rays: every ratio up to one number, and every one from another.
      (ratio.high, ratio.convention) = (
        below, "Fieller, unbounded: up to conf.high, and icer.fieller.from"
      )
      rows.append(ratio)
      ratio.term = "icer.fieller.from"
      (ratio.high, ratio.low, ratio.convention) = (
        nil, above, "Fieller, unbounded: from conf.low up"
      )
    case .from(let low): (ratio.low, ratio.convention) = (low, "Fieller, unbounded above")
    case .upTo(let high): (ratio.high, ratio.convention) = (high, "Fieller, unbounded below")
    case .wholeLine: ratio.convention = "Fieller, unbounded: every ratio there is"
    }
    rows.append(ratio)
    for found in result.ratioIntervals {
      var row = row("icer.\(found.method.lowercased())", result.ratio, "resampled sites")
      (row.low, row.high) = (found.low, found.high)
      rows.append(row)
    }
    for benefit in result.netBenefits {
      rows.append(
        row(
          "net.benefit@\(Self.pounds(benefit.willingness))", benefit.estimate,
          "pounds for an accepted client", error: benefit.standardError,
          degrees: contrast.degreesOfFreedom, interval: benefit.interval))
    }
    for benefit in result.netBenefits {
      let value = Self.pounds(benefit.willingness)
      rows.append(row("acceptability@\(value)", benefit.probability, "closed form"))
      rows.append(
        row("acceptability.draws@\(value)", benefit.drawnProbability, "draws"))
      if let share = benefit.siteProbability {
        rows.append(row("acceptability.resampled@\(value)", share, "resampled sites"))
      }
    }
    let quadrants = result.quadrants
    for (name, share) in [
      ("better.dearer", quadrants.betterDearer), ("better.cheaper", quadrants.betterCheaper),
      ("worse.dearer", quadrants.worseDearer), ("worse.cheaper", quadrants.worseCheaper),
    ] { rows.append(row("quadrant.\(name)", share, "share of draws")) }
    if let refusal = result.refusal {
      let name = perspective.map { "\($0.rawValue): " } ?? ""
      notes.append("\(name)no cost of an additional outcome: \(refusal)")
    }
  }

  /// Pounds for a term: `5000`, `2500.5`.
  static func pounds(_ value: Double) -> String {
    Int(exactly: value).map(String.init) ?? "\(value)"
  }

  /// The output.
  var output: AnalysisOutput {
    var columns: [Column] = [
      .texts("term", rows.map(\.term)), .texts("arm", rows.map(\.arm)),
      .texts("perspective", rows.map { $0.perspective?.rawValue }),
    ]
    if rows.contains(where: { $0.site != nil }) {
      columns.append(.texts("site_id", rows.map(\.site)))
    }
    columns += [
      .numbers("estimate", rows.map(\.estimate)), .numbers("std.error", rows.map(\.standardError)),
      .numbers("df", rows.map(\.degrees)),
      .numbers("conf.low", rows.map { $0.interval?.low ?? $0.low }),
      .numbers("conf.high", rows.map { $0.interval?.high ?? $0.high }),
      .texts("convention", rows.map(\.convention)), .integers("n", rows.map(\.clients)),
      .integers("n_sites", rows.map(\.sites)),
    ]
    var output = AnalysisOutput(columns: columns, notes: notes.distinct)
    output.counts = ["n"]
    output.labels = ["n_sites"]
    return output
  }

  /// The rows of `--categories`.
  static func categories(_ fit: ValueFit, _ settings: ValueSettings) -> AnalysisOutput {
    let lines = fit.accounts.lines.filter {
      settings.perspectives.contains($0.perspective) && $0.sites > 0
    }
    let clients = lines.map { line in
      fit.accounts.sites.filter { $0.site.isTreated == line.isTreated }.reduce(0) {
        $0 + ($1.counts.first ?? 0)
      }
    }
    var output = AnalysisOutput(
      columns: [
        .texts("category", lines.map(\.category.rawValue)),
        .texts("perspective", lines.map(\.perspective.rawValue)),
        .texts("arm", lines.map { arm($0.isTreated) }),
        .numbers("amount_gbp", lines.map(\.amount.pounds)),
        .numbers("counted_gbp", lines.map(\.counted.pounds)),
        .numbers("present_value_gbp", lines.map(\.presentValue)),
        .texts("counts", lines.map { Self.counts($0) }),
        .texts("reason", lines.map { $0.reasons.joined(separator: "; ") }),
        .integers("n_sites", lines.map(\.sites)), .integers("n", clients),
      ], notes: fit.notes)
    output.counts = ["n"]
    output.labels = ["n_sites"]
    return output
  }

  /// Whether a line counts, does not, or in part.
  static func counts(_ line: CostAccounts.Line) -> String {
    line.counted == .zero ? "no" : line.counted == line.amount ? "yes" : "in part"
  }
}
