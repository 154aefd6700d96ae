internal import Reporting

/// An item of a reporting checklist, in the house's own short words, and what shows that the report
/// has it.
struct ChecklistItem: Sendable {
  /// What shows that an item is reported.
  indirect enum Proof: Sendable {
    /// Every report has it.
    case always
    /// The study file has a section of this name.
    case key(String)
    /// `setting` says it.
    case setting(String)
    /// The run has this table.
    case table(String)
    /// The authors say it under `evidence`.
    case author(String)
    /// Sources are named.
    case sources
    /// The study file says how treatment came about.
    case mechanism
    /// The data are public.
    case publicData
    /// Some effect is by subgroup.
    case subgroups
    /// All of them.
    case all([Proof])
  }

  /// The item's number in its checklist.
  let number: String
  /// What it asks for.
  let topic: String
  /// Each proof with the section that then has it; the first that holds counts.
  let proofs: [(proof: Proof, section: String)]

  /// An item; without proofs nothing in a run can establish it.
  init(_ number: String, _ topic: String, _ proofs: (Proof, String)...) {
    self.number = number
    self.topic = topic
    self.proofs = proofs.map { (proof: $0.0, section: $0.1) }
  }
}

/// A reporting checklist.
struct ReportingChecklist: Sendable {
  /// Its name.
  let name: String
  /// Its items in order.
  let items: [ChecklistItem]

  /// What became of an item.
  struct Finding: Sendable, Equatable {
    var state: String
    /// The section that has it; nil where none has.
    var section: String?
  }

  /// The state of an item for which nothing speaks.
  static let notEstablished = "not established"
  /// The section that shows what authors answer.
  static let authorsSection = "Confidence in the evidence"

  /// What a run has of an item.
  static func find(_ item: ChecklistItem, _ reader: EvidenceReader) -> Finding {
    for (proof, section) in item.proofs where holds(proof, reader) {
      if case .author = proof {
        return Finding(state: "reported by the authors", section: authorsSection)
      }
      return Finding(
        state: "reported", section: section == Self.results ? results(reader) : section)
    }
    return Finding(state: notEstablished, section: nil)
  }

  /// Stands for the section that has the leading effect.
  static let results = "results"

  private static func results(_ reader: EvidenceReader) -> String {
    if reader.study.node["matching"] != nil { return "Results for every outcome" }
    return reader.isChange ? "Difference-in-differences" : "Time to event"
  }

  private static func holds(_ proof: ChecklistItem.Proof, _ reader: EvidenceReader) -> Bool {
    let node = reader.study.node
    switch proof {
    case .always: return true
    case .key(let key): return node[key] != nil
    case .setting(let key): return node["setting"]?[key] != nil
    case .table(let name): return reader.rows(name) != nil
    case .author(let key): return reader.answer(key) != nil
    case .sources: return !reader.study.sources.isEmpty
    case .mechanism: return !["unknown", nil].contains(node["assignment"]?["mechanism"]?.text)
    case .publicData: return reader.study.isPublic
    case .subgroups: return node["effects"]?.elements.contains { $0["subgroup"] != nil } == true
    case .all(let proofs): return proofs.allSatisfy { holds($0, reader) }
    }
  }
}
