internal import Reporting
internal import Statistics
internal import Tables

/// What a section that weighs the whole evaluation works on: the study and what was estimated before it.
struct EvaluationRun {
  let study: StudyFile
  /// The rows that are analysed; nil for a study without clients.
  let table: Table?
  /// The matched or weighted design, when there is one.
  let design: DesignPhase?
  /// The panel's design, when there is one.
  let panel: PanelPhase?
  /// The gate with its checks and its verdict.
  let gate: Gate
  /// Of a study by sums the differences of sites that lead it, by outcome.
  var fewSites: [String: FewSitesEffect] = [:]
}

/// A section of the report that weighs what others have estimated: how far methods agree, what several
/// outcomes do to p-values, how sure one may be.
///
/// It runs after every effect and contract; tables that were filled before it are in `tables`.
protocol EvaluationSection: Sendable {
  /// Whether it shows an effect, so that a failed gate withholds it.
  static var showsEffects: Bool { get }
  /// Where in the report it stands.
  static var place: EvaluationPlace { get }
  /// Checks its part of the study file without data.
  ///
  /// - Throws: what is wrong with it, located.
  static func check(_ study: StudyFile) throws(SiblingError)
  /// Fills its tables (append to `tables.cohort`, notes to `tables.cohortNotes`); nothing where there is
  /// nothing to weigh.
  ///
  /// - Throws: what is wrong with the data, located.
  static func run(_ run: EvaluationRun, _ tables: inout StudyTables) throws(SiblingError)
  /// Adds its section to the report; nothing without its tables.
  ///
  /// - Throws: `internalError` when a sentence asks for a cell that is not there.
  static func compose(_ report: inout Report) throws(SiblingError)
  /// What belongs on the first page beneath the headline, a line or two; empty when there is nothing.
  ///
  /// - Throws: `internalError` when a sentence asks for a cell that is not there.
  static func firstPage(_ report: Report) throws(SiblingError) -> [Prose]
  /// The methods that were used, with their sources; empty when the section is absent.
  static func methods(_ report: Report) -> [Prose]
  /// The section's name and what would unlock it; nil when it is there.
  static func leftOut(_ report: Report) -> (section: Prose, input: Prose)?
}

extension EvaluationSection {
  static func check(_ study: StudyFile) throws(SiblingError) {}
  static func run(_ run: EvaluationRun, _ tables: inout StudyTables) throws(SiblingError) {}
  static func compose(_ report: inout Report) throws(SiblingError) {}
  static func firstPage(_ report: Report) throws(SiblingError) -> [Prose] { [] }
  static func methods(_ report: Report) -> [Prose] { [] }
  static func leftOut(_ report: Report) -> (section: Prose, input: Prose)? { nil }
}

/// Where in the report a section of the evaluation stands.
enum EvaluationPlace: Sendable {
  /// After every effect, before the sensitivity to the design.
  case afterEffects
  /// After the table of the gate's checks.
  case afterDiagnostics
  /// After the statement of disclosure control.
  case afterDisclosure
}

/// The sections that weigh the evaluation, in the order of the report.
enum EvaluationSections {
  static let all: [any EvaluationSection.Type] = [
    GateSection.self, PlanSection.self, TriangulationSection.self, SpecificationSection.self,
    SeveralOutcomesSection.self,
    MarginsSection.self, EvidenceSection.self, DisclosureCostSection.self,
  ]

  /// The sections that stand at one place.
  static func at(_ place: EvaluationPlace) -> [any EvaluationSection.Type] {
    all.filter { $0.place == place }
  }
}
