internal import Cohorts
internal import Statistics
internal import Tables

/// The cohort of a one-line verb: the clients' table with the files of jobs and sites in its options.
enum CohortSource {
  /// The cohort of a clients' table.
  ///
  /// Types, formats and separators of the options hold for all files.
  /// - Throws: what is wrong with a file or a value, located.
  static func cohort(_ clients: Table, _ options: OptionValues) throws(SiblingError) -> Cohort {
    var reader = try DataSource.reader(options)
    // Types and formats are declared for the columns of all files together.
    reader.toleratesAbsentColumns = true
    func table(_ key: OptionKey) throws(SiblingError) -> Table? {
      guard let path = options.text(key) else { return nil }
      return try TableFile.read(path: path, reader: reader)
    }
    let (sites, jobs) = (try table(.sitesFile), try table(.jobsFile))
    try DataSource.requireColumns(
      of: reader, in: [clients] + [sites, jobs].compactMap { $0 })
    var tables = ["clients": clients]
    tables["sites"] = sites
    tables["jobs"] = jobs
    // A job on two rows, as where its hours change, is read as one job.
    let broken = CohortValidation(tables).errors(.error, limit: 1).filter {
      $0.code != .duplicateKey
    }
    if var first = broken.first {
      if broken.count > 1 {
        let rest =
          "\(broken.count - 1) other rules are broken too; 'sibling validate' of a study lists all"
        first.help = first.help.map { "\($0); \(rest)" } ?? rest
      }
      throw first
    }
    return try Cohort(clients: clients, sites: sites, jobs: jobs)
  }
}
