internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// What a section about contracts works on.
struct ContractRun {
  let study: StudyFile
  /// The records in the schema; nil for a study without them.
  let cohort: Cohort?
  /// The rows that are analysed: one an accepted client; nil for a study without clients.
  let table: Table?
  /// For each row of `table` its row among the cohort's clients; empty without a cohort.
  let clientRows: [Int]
  /// The matched design, when there is one.
  let design: DesignPhase?
  /// The gate's verdict.
  let gate: String
  /// Whether the gate failed, so that no effect may be shown.
  let isWithheld: Bool
  /// The files that sections have read by themselves, for the manifest.
  private(set) var inputs: [Manifest.Input] = []

  init(
    study: StudyFile, cohort: Cohort? = nil, table: Table? = nil, clientRows: [Int] = [],
    design: DesignPhase? = nil, gate: String, isWithheld: Bool = false
  ) {
    self.study = study
    self.cohort = cohort
    self.table = table
    self.clientRows = clientRows
    self.design = design
    self.gate = gate
    self.isWithheld = isWithheld
  }

  /// A file that the study names, read once a call and noted for the manifest.
  ///
  /// - Throws: what is wrong with the file, located.
  mutating func read(_ name: String) throws(SiblingError) -> Table {
    let path = study.resolve(name)
    let table = try TableFile.read(path: path)
    if !inputs.contains(where: { $0.path == name }) {
      inputs.append(try StudyData.input(name, path: path))
    }
    return table
  }
}

/// A section of the report about contracts: its part of the study file, its tables, its prose.
///
/// It runs after every effect is estimated, and also in a study that has no clients.
protocol ContractSection: Sendable {
  /// Checks its part of the study file without data.
  ///
  /// - Throws: what is wrong with it, located.
  static func check(_ study: StudyFile) throws(SiblingError)
  /// Fills its tables (append to `tables.cohort`, notes to `tables.cohortNotes`); nothing where the
  /// study does not ask for it.
  ///
  /// - Throws: what is wrong with the data, located.
  static func run(_ run: inout ContractRun, _ tables: inout StudyTables) throws(SiblingError)
  /// Adds its section to the report; nothing without its tables.
  ///
  /// - Throws: `internalError` when a sentence asks for a cell that is not there.
  static func compose(_ report: inout Report) throws(SiblingError)
  /// The first page's box of a study that compares no groups: a title and paragraphs; nil when the
  /// section has none.
  ///
  /// - Throws: `internalError` when a sentence asks for a cell that is not there.
  static func headline(
    _ report: Report
  ) throws(SiblingError) -> (title: Prose, paragraphs: [Prose])?
  /// What belongs on the first page: warnings in bold words.
  static func warnings(_ report: Report) -> [Prose]
  /// The methods that were used, with their sources; empty when the section is absent.
  static func methods(_ report: Report) -> [Prose]
  /// The section's name and what would unlock it; nil when it is there.
  static func leftOut(_ report: Report) -> (section: Prose, input: Prose)?
}

extension ContractSection {
  static func check(_ study: StudyFile) throws(SiblingError) {}
  static func headline(
    _ report: Report
  ) throws(SiblingError) -> (title: Prose, paragraphs: [Prose])? { nil }
  static func warnings(_ report: Report) -> [Prose] { [] }
  static func methods(_ report: Report) -> [Prose] { [] }
  static func leftOut(_ report: Report) -> (section: Prose, input: Prose)? { nil }
}

/// The sections about contracts, in the order of the report.
enum ContractSections {
  static let all: [any ContractSection.Type] = [
    PlansSection.self, PaymentsSection.self, IncentivesSection.self, DoseResponseSection.self,
    ScenarioSection.self, ValueSection.self,
  ]
}
