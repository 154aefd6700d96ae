internal import Cohorts
internal import Reporting
internal import Statistics
internal import Tables

/// The tables of a study's cohort: read, mapped to the schema, checked.
struct CohortTables {
  /// The records.
  var cohort: Cohort
  /// The files' hashes and sizes, by the names that the study file gives.
  var inputs: [Manifest.Input]
  /// What was found about the data, in words without client data.
  var findings: [String]

  /// Reads the tables that `data: tables:` names.
  ///
  /// - Throws: what is wrong with a file or a value, located.
  init(_ study: StudyFile) throws(SiblingError) {
    inputs = []
    findings = []
    var tables: [String: Table] = [:]
    let node = study.node["data"]?["tables"]
    for key in node?.keys ?? [] {
      let name = node?[key.name]?["file"]?.text ?? ""
      let path = study.resolve(name)
      tables[key.name] = try DataSource(path: path, options: OptionValues()).table
      inputs.append(try StudyData.input(name, path: path))
    }
    guard let clients = tables["clients"] else {
      throw SiblingError(
        .missingKey, "the tables have no clients", help: "add 'clients: {file: …}'",
        location: node?.location)
    }
    cohort = try Cohort(clients: clients, sites: tables["sites"], jobs: tables["jobs"])
  }
}
