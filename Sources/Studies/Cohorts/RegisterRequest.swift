public import Statistics
internal import Tables

/// The table that a study's analyses see, as CSV: for loading into a database, or for another program.
public struct RegisterRequest {
  private let study: StudyFile
  private let columns: [String]

  /// A request for the table of a study; `columns` chooses some, nothing all.
  public init(_ study: StudyFile, columns: [String] = []) {
    self.study = study
    self.columns = columns
  }

  /// The table as CSV, with a line on its size.
  ///
  /// One row a client (or a row of the study's file), after the rules that a cohort brings (accepted, first
  /// episode, seen for long enough) and before the study's own: with sites, made outcomes, joined and derived
  /// columns. They are the clients' own data, without disclosure control.
  /// - Throws: what is wrong with the study or its data, located; `unknownColumn`.
  public func text() throws(SiblingError) -> (csv: String, line: String) {
    var table = try StudyData.register(study)
    for name in columns { _ = try table.column(name) }
    if !columns.isEmpty { table = try table.selecting(columns: columns) }
    let csv = try TableWriter(.csv).bytes(table.columns)
    return (
      String(decoding: csv, as: UTF8.self), "\(table.rowCount) rows, \(table.columns.count) columns"
    )
  }
}
