internal import Statistics
internal import Tables

/// The columns of a study that hold what happened after treatment, which the design may not see.
///
/// They are found in the study file and by what is computed from them: declared outcomes and their
/// bounds, outcomes of every section, durations and ends of survival analyses, weekly histories and
/// what is made from them, outcomes made from jobs, and every derived column that reads one of these.
/// Analyses that are called by their verb are not asked: some take a covariate for an outcome on purpose.
struct HiddenColumns: Sendable {
  /// Why a column is hidden.
  enum Kind: Sendable, Equatable {
    /// A declared outcome, or one that a section names.
    case outcome
    /// The outcome under a reading of unknowns.
    case bound
    /// A duration, or whether and how it ended.
    case duration
    /// How long somebody was followed; an inclusion rule may ask for it.
    case followUp
    /// Computed from a hidden column.
    case derived(String)
    /// Says no more than whether a hidden column is known; an inclusion rule may ask for it.
    case known(String)

    /// What the column is, after its name in a sentence.
    var words: String {
      switch self {
      case .outcome: "is an outcome"
      case .bound: "is a bound of an outcome"
      case .duration: "holds how long something lasted or how it ended"
      case .followUp: "says how long people were followed"
      case .derived(let name): "is computed from '\(name)', an outcome or made of one"
      case .known(let name): "says of whom '\(name)' is known"
      }
    }

    /// Whether its values tell what happened, so that a rule that reads them chooses by it.
    var tells: Bool {
      switch self {
      case .outcome, .bound, .duration, .derived: true
      case .followUp, .known: false
      }
    }
  }

  /// The hidden columns by name.
  private(set) var kinds: [String: Kind] = [:]

  /// Finds the columns in the study file; those in `made` were made from jobs or weekly histories.
  ///
  /// `names` are those of the table, in its order. Formulas and expressions that can't be parsed are
  /// passed over: whoever runs them says what is wrong.
  init(_ study: StudyFile, names: [String], made: [String]) {
    let node = study.node
    for name in made { add(name, .outcome) }
    for outcome in node["outcomes"]?.elements ?? [] {
      add(outcome["name"]?.text, .outcome)
      add(outcome["lower-bound"]?.text, .bound)
      add(outcome["upper-bound"]?.text, .bound)
    }
    addSections(node)
    addDurations(node)
    addWeekly(node["data"]?["weekly"], names)
    for text in node["data"]?.texts("derive") ?? [] {
      guard let derivation = try? Derivation(parsing: text) else { continue }
      let (name, read) = (derivation.name, derivation.expression)
      if let from = read.valueColumnNames.first(where: { kinds[$0] != nil }) {
        add(name, .derived(from))
      } else if let from = read.columnNames.first(where: { kinds[$0] != nil }) {
        add(name, .known(from))
      }
    }
  }

  /// The first reason stays: an outcome that is computed is an outcome.
  private mutating func add(_ name: String?, _ kind: Kind) {
    if let name, kinds[name] == nil { kinds[name] = kind }
  }

  private mutating func addSections(_ node: StudyNode) {
    for key in ["effects", "difference-in-differences", "event-study"] {
      for element in node[key]?.elements ?? [] {
        add(element["outcome"]?.text, .outcome)
        add(element["post"]?.text, .outcome)
      }
    }
    for key in ["missing-evidence", "imputation"] {
      for name in node[key]?.texts("outcomes") ?? [] { add(name, .outcome) }
    }
  }

  private mutating func addDurations(_ node: StudyNode) {
    var formulas: [String] = []
    for key in ["survival", "states"] {
      for element in node[key]?.elements ?? [] {
        if let text = element["formula"]?.text { formulas.append(text) }
        add(element["causes"]?["column"]?.text, .duration)
        add(element["last-week"]?.text, .followUp)
        add(element["exit"]?.text, .followUp)
      }
    }
    for element in node["analyses"]?.elements ?? [] {
      if let text = element["survival"]?.text { formulas.append("\(text) ~ 1") }
    }
    for text in formulas {
      guard let formula = try? Formula(parsing: text), formula.hasResponse else { continue }
      for name in formula.responseColumns { add(name, .duration) }
    }
  }

  private mutating func addWeekly(_ node: StudyNode?, _ names: [String]) {
    add(node?["last-week"]?.text, .followUp)
    add(node?["exited"]?.text, .followUp)
    let ends = (node?["columns"]?.text ?? "").split(separator: ":").map(String.init)
    guard ends.count == 2, let first = names.firstIndex(of: ends[0]),
      let last = names.firstIndex(of: ends[1]), first <= last
    else { return }
    for name in names[first...last] { add(name, .outcome) }
  }

  /// What a column is, or nil when the design may see it.
  subscript(name: String) -> Kind? { kinds[name] }

  /// The hidden columns among some names whose values tell what happened.
  func telling(among names: [String]) -> [String] {
    names.filter { kinds[$0]?.tells == true }
  }
}
