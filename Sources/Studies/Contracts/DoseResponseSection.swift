internal import Reporting
internal import Statistics

/// Whether the effect goes with the outcome share or the intensity of management across sites (exploratory).
enum DoseResponseSection: ContractSection {
  static func run(_ run: inout ContractRun, _ tables: inout StudyTables) throws(SiblingError) {}
  static func compose(_ report: inout Report) throws(SiblingError) {}
}
