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

  /// Reads the tables that `data: tables:` names; `read` has them where that is done already.
  ///
  /// - Throws: the first thing that is wrong with a file, a mapping or a value, located, with the
  ///   number of the others.
  init(_ study: StudyFile, _ read: SchemaTables? = nil) throws(SiblingError) {
    let read = read ?? SchemaTables(study)
    let errors = read.errors
    if var first = errors.first {
      if errors.count > 1 {
        let rest = "\(errors.count - 1) more like it: 'sibling validate \(study.path)' lists all"
        first.help = first.help.map { "\($0); \(rest)" } ?? rest
      }
      throw first
    }
    inputs = read.inputs
    findings = read.notes
    var seen: Set<String> = []
    for kind in read.validation?.violations(.warning) ?? [] {
      // No counts: those are released, or not, in the report's tables.
      let sentence = "\(kind.table): \(kind.message)"
      if seen.insert(sentence).inserted { findings.append(sentence) }
    }
    guard let clients = read.tables["clients"] else {
      throw SiblingError(
        .missingKey, "the tables have no clients", help: "add 'clients: {file: …}'",
        location: study.node["data"]?["tables"]?.location)
    }
    let others = read.tables.filter { !["clients", "sites", "jobs"].contains($0.key) }
    cohort = try Cohort(
      clients: clients, sites: read.tables["sites"], jobs: read.tables["jobs"], others: others)
  }
}
