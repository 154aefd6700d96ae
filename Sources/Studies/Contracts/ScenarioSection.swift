internal import Reporting
internal import Statistics

/// What a contract would have paid and cost in simulated futures.
enum ScenarioSection: ContractSection {
  static func run(_ run: inout ContractRun, _ tables: inout StudyTables) throws(SiblingError) {}
  static func compose(_ report: inout Report) throws(SiblingError) {}
}
