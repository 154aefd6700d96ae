internal import Reporting
internal import Statistics
internal import Tables

/// What a run of a study would do, part by part, as rows; made without a look at any outcome.
///
/// Each part is one function of the list below; another that has something to announce (what is kept from
/// an earlier run, and why) adds its own.
struct PlanListing {
  /// One row: which part of the run, what it concerns, and what would be done.
  struct Row: Sendable, Equatable {
    var part: String
    var name: String
    var what: String
  }

  let study: StudyFile
  let state: StudyRun.State

  /// The parts in the order of a run.
  private static let parts: [@Sendable (PlanListing) -> [Row]] = [
    { $0.question }, { $0.data }, { $0.inclusion }, { $0.groups }, { $0.design }, { $0.checks },
    { $0.effects }, { $0.panels }, { $0.curves }, { $0.calls }, { $0.sections }, { $0.release },
    { $0.fixed }, { $0.leftOut },
  ]

  /// Every row.
  var rows: [Row] { Self.parts.flatMap { $0(self) } }

  private var node: StudyNode { study.node }

  private var question: [Row] {
    [Row(part: "question", name: study.name, what: study.question)]
  }

  private var data: [Row] {
    state.inputs.map { Row(part: "data", name: $0.path, what: "read, \($0.bytes) bytes") }
  }

  private var inclusion: [Row] {
    (node["attrition"]?.elements ?? []).map {
      Row(part: "inclusion", name: $0["rule"]?.text ?? "", what: "keep \($0["keep"]?.text ?? "")")
    }
  }

  private var groups: [Row] {
    var rows: [Row] = []
    if let treatment = node["treatment"] {
      let label = treatment["label"]?.text ?? "the treated"
      let other = treatment["comparison-label"]?.text ?? "the others"
      rows.append(
        Row(
          part: "groups", name: treatment["column"]?.text ?? "",
          what: "\(label) against \(other); \(assignment)"))
    }
    for (place, outcome) in (node["outcomes"]?.elements ?? []).enumerated() {
      rows.append(
        Row(
          part: "outcome", name: outcome["name"]?.text ?? "",
          what: "\(outcome["label"]?.text ?? "")\(place == 0 ? " (the primary one)" : "")"))
    }
    return rows
  }

  private var assignment: String {
    let level = node["assignment"]?["level"]?.text == "site" ? "whole sites" : "people or units"
    return "\(level) assigned, mechanism \(node["assignment"]?["mechanism"]?.text ?? "unknown")"
  }

  private var design: [Row] {
    guard let design = state.design else { return [] }
    var rows = [
      Row(
        part: "design", name: node["matching"]?["formula"]?.text ?? "",
        what: "\(design.design.words); \(design.sample.population)")
    ]
    for other in node["matching"]?["alternatives"]?.elements ?? [] {
      rows.append(
        Row(
          part: "sensitivity", name: other["name"]?.text ?? "",
          what: "the primary effect again under this design"))
    }
    return rows
  }

  private var checks: [Row] {
    guard node["data"] != nil else { return [] }
    var rows = state.gate.checks.map {
      Row(part: "gate", name: $0.name, what: "\($0.status.rawValue): \($0.detail)")
    }
    let override = state.gate.override.map { "; overridden if it fails: \($0)" } ?? ""
    rows.append(
      Row(
        part: "gate", name: "verdict so far",
        what: "\(state.gate.verdict.rawValue): \(state.gate.reason)\(override)"))
    for change in state.gate.limits.changes {
      rows.append(
        Row(
          part: "gate", name: "threshold \(change.key.rawValue)",
          what: "\(change.state) at \(NumberText.shortest(change.own)), not the house's"
            + " \(NumberText.shortest(change.house))"))
    }
    return rows
  }

  /// How the estimate that leads the report is made.
  private var effects: [Row] {
    let isRandomised = node["assignment"]?["mechanism"]?.text == "randomised"
    return (node["effects"]?.elements ?? []).map { effect in
      let given = effect.texts("estimators")
      let estimators = given.isEmpty ? ["gcomp", "difference"] : given
      let leads =
        isRandomised
        ? "the difference between the groups as randomised leads"
        : study.siteColumn != nil
          ? "\(estimators[0]) leads, or the adjusted difference judged by its sites where they are few"
          : "\(estimators[0]) leads"
      return Row(
        part: "effect", name: effect["outcome"]?.text ?? "",
        what: "\(estimators.joined(separator: ", ")); \(leads)")
    }
  }

  private var panels: [Row] {
    var rows: [Row] = []
    for (place, element) in (node["difference-in-differences"]?.elements ?? []).enumerated() {
      rows.append(
        Row(
          part: "difference in differences",
          name: element["outcome"]?.text ?? element["post"]?.text ?? "",
          what: (element["method"]?.text ?? "callaway-santanna")
            + (place == 0 && state.design == nil ? "; leads" : "")))
    }
    if let element = node["event-study"] {
      rows.append(
        Row(
          part: "event study", name: element["outcome"]?.text ?? "",
          what: "effects by period relative to the start"))
    }
    return rows
  }

  private var curves: [Row] {
    ["survival", "states"].flatMap { key in
      (node[key]?.elements ?? []).map {
        Row(
          part: key, name: $0["name"]?.text ?? "",
          what: "\($0["label"]?.text ?? ""): \($0["formula"]?.text ?? "")"
            + ($0["sample"]?.text == "matched" ? ", on the matched sample" : ""))
      }
    }
  }

  private var calls: [Row] {
    (node["analyses"]?.elements ?? []).map {
      Row(
        part: "analysis", name: $0["name"]?.text ?? "",
        what: "\($0["verb"]?.text ?? ""): \($0["label"]?.text ?? "")"
          + ($0["table"]?.text.map { ", on the table \($0)" } ?? ""))
    }
  }

  /// The sections that a key of the study file asks for.
  private var sections: [Row] {
    Self.named.filter { node[$0.key] != nil }.map {
      Row(part: "section", name: $0.key, what: $0.what)
    }
  }

  private var release: [Row] {
    [
      Row(
        part: "disclosure", name: study.disclosure,
        what: study.disclosure == "none"
          ? "nothing is withheld: the data are public or simulated"
          : "applied to every table before text and charts are made")
    ]
  }

  private var fixed: [Row] {
    var rows = [Row(part: "plan", name: "sha256", what: state.plan.hash)]
    if let hash = DesignHash.hash(state.design?.sample, state.panel?.panel) {
      rows.append(Row(part: "plan", name: "sha256 of who is compared", what: hash))
    }
    if let name = node["plan"]?["file"]?.text {
      rows.append(
        Row(part: "plan", name: name, what: "the locked plan; the report lists what differs"))
    }
    return rows
  }

  /// Sections that the study file does not ask for, and what would unlock them.
  private var leftOut: [Row] {
    Self.named.filter { node[$0.key] == nil }.map {
      Row(part: "left out", name: $0.key, what: "no section '\($0.key)': \($0.what)")
    }
  }

  /// Sections that run when the study file has their key.
  private static let named: [(key: String, what: String)] = {
    let keys = [
      "matching", "effects", "hidden-bias", "difference-in-differences", "event-study", "survival",
      "states", "funnel", "creaming", "equity", "payment-threshold", "missing-evidence",
      "imputation", "planning", "performance", "contracts", "incentives", "dose-response",
      "scenario", "value-for-money", "decisions", "specifications", "benchmark",
    ]
    guard case .fields(_, let fields) = Shape.study else { return [] }
    return keys.compactMap { key in
      fields.first { $0.key == key }.map { (key, $0.help) }
    }
  }()
}
