internal import Reporting
internal import Statistics

// What the report says of the gate beyond its table: why each check came out as it did, and an override.

/// The gate's reasons in the report: why each check came out as it did, and where its rules come from.
enum GateSection: EvaluationSection {
  static let showsEffects = false
  static let place = EvaluationPlace.afterDiagnostics

  static func check(_ study: StudyFile) throws(SiblingError) { _ = try GateSettings(study) }

  static func compose(_ report: inout Report) throws(SiblingError) {
    let gate = report.context.gate
    let others = gate.checks.filter { $0.status == .pass || $0.status == .notEvaluated }
    guard report.context.study.node["data"] != nil, !others.isEmpty else { return }
    report.document.paragraph("The other checks of the design, and what they say:")
    report.document.list(
      others.map { "**\($0.status.rawValue)**, \($0.name): \($0.detail)." })
    if let reason = gate.override {
      report.document.paragraph(
        gate.hasFailure
          ? "**The gate was overridden.** The study file gives this reason: \"\(reason)\". A check that failed says that the design can't support an effect; the reason does not change that, and the reading is descriptive."
          : "The study file overrides the gate (\"\(reason)\"), but no check failed, so that this changes nothing."
      )
    }
  }

  static func methods(_ report: Report) -> [Prose] {
    guard report.context.gate.checks.contains(where: { $0.status != .notEvaluated }) else {
      return []
    }
    var items: [Prose] = [
      "**The design gate.** The design is made from a table in which outcomes, their bounds and whatever is computed from them are absent; formulas that name one are refused. Of outcomes the gate reads whether they are known, how those of the comparison group spread, and how they moved before anybody was treated. It runs before any effect is estimated."
    ]
    func isMade(_ name: String) -> Bool {
      report.context.gate.checks.contains { $0.name == name && $0.status != .notEvaluated }
    }
    if isMade("treated sites") {
      items.append(
        "**Few treated sites.** With few treated groups neither cluster-robust errors nor the wild bootstrap hold (MacKinnon and Webb 2018, doi:10.1111/ectj.12107), and tests that learn the noise of the treated from the others rest on their being alike (Conley and Taber 2011, doi:10.1162/REST_a_00049; Ferman and Pinto 2019, doi:10.1162/rest_a_00759): the reading is descriptive then."
      )
    }
    if isMade("pre-trends") {
      items.append(
        "**Trends before treatment.** A joint test on rows that nobody has treated yet, of units, periods and the periods before a start (Borusyak, Jaravel and Spiess 2024, doi:10.1093/restud/rdae007), held against Hotelling's T² for two groups of the numbers of units there are, as are the tests of panel models (Nel and van der Merwe 1986, doi:10.1080/03610928608829342; Tipton and Pustejovsky 2015, doi:10.3102/1076998615606099). That it does not reject may be lack of power (Roth 2022, doi:10.1257/aeri.20210236)."
      )
    }
    if isMade("minimum detectable effect") {
      items.append(
        report.context.study.node["matching"] == nil
          && ["difference-in-differences", "event-study"].contains {
            report.context.study.node[$0] != nil
          }
          ? "**Minimum detectable effect.** From the spread and first-order autocorrelation of outcomes before anybody was treated, as if all units started with the first (Burlig, Preonas and Woerman 2020, doi:10.1016/j.jdeveco.2020.102458)."
          : "**Minimum detectable effect.** From the sites or the effective number of people and the comparison group's spread (Bloom, Richburg-Hayes and Black 2007, doi:10.3102/0162373707299550)."
      )
    }
    return items
  }
}

extension Report {
  /// The box that stands before everything where effects are shown although a check failed; nil elsewhere.
  var gateBanner: (title: Prose, paragraphs: [Prose])? {
    let gate = context.gate
    guard gate.isOverridden, let reason = gate.override else { return nil }
    let failed = gate.checks.filter { $0.status == .fail }.map { "\($0.name) (\($0.detail))" }
      .joined(separator: "; ")
    return (
      "The design gate failed and was overridden",
      [
        "A check of the design failed: \(failed). Effects would have been withheld; they are shown because the study file says so, for this reason: \"\(reason)\".",
        "What follows describes the groups. It does not support a claim about what the programme did.",
      ]
    )
  }
}
