internal import Cohorts
internal import Statistics
internal import Tables

/// What a section about the cohort works on.
struct CohortRun {
  let study: StudyFile
  /// The records in the schema; nil for a study of one plain table.
  let cohort: Cohort?
  /// The rows that are analysed: one an accepted client, after the inclusion rules.
  let table: Table
  /// For each row of `table` its row among the cohort's clients; empty without a cohort.
  let clientRows: [Int]
  /// The matched design, when there is one.
  let design: DesignPhase?
  /// The gate's verdict.
  let gate: String
  /// Whether the gate failed, so that nothing may be shown from which an effect could be had.
  let isWithheld: Bool
}

/// A section of the report about the cohort: its part of the study file, its tables, its prose.
protocol CohortSection: Sendable {
  /// Whether it shows an effect, so that a failed gate withholds it.
  static var showsEffects: Bool { get }
  /// Checks its part of the study file without data.
  ///
  /// - Throws: what is wrong with it, located.
  static func check(_ study: StudyFile) throws(SiblingError)
  /// Fills its tables; nothing where the study does not ask for it.
  ///
  /// - Throws: what is wrong with the data, located.
  static func run(_ run: CohortRun, _ tables: inout StudyTables) throws(SiblingError)
  /// Adds its section to the report; nothing without its tables.
  ///
  /// - Throws: `internalError` when a sentence asks for a cell that is not there.
  static func compose(_ report: inout Report) throws(SiblingError)
}

/// The sections about the cohort, in the order of the report.
enum CohortSections {
  /// Before any effect: what the data are and who went through the service.
  static let leading: [any CohortSection.Type] = [
    DataQualitySection.self, FunnelSection.self, DefinitionsSection.self, CreamingSection.self,
  ]
  /// After the effects: what missing evidence could change, and for whom the service works.
  static let following: [any CohortSection.Type] = [
    MissingEvidenceSection.self, ImputationSection.self, EquitySection.self, ThresholdSection.self,
    PlanningSection.self,
  ]
  static let all = leading + following
}
