/// Options of the verbs that read a cohort: the clients' file with those of their jobs and sites.
extension OptionKey {
  static let jobsFile = OptionKey(
    "jobs", .text, "File of the jobs, one row a job: client_id, start_date, end_earliest, …")
  static let sitesFile = OptionKey(
    "sites", .text,
    "File of the sites, one row a site: site_id, arm (sib or non_sib), launch_date …")

  /// The files of a cohort besides the clients'.
  static let cohortFiles: [OptionKey] = [.jobsFile, .sitesFile]
}
