extension Verb {
  /// The verbs that a study file may call: all but those whose rows are single people, those that read
  /// the files of a cohort or of contracts, which have sections of their own, and those that read
  /// results, for which the study has 'decisions'.
  static let inStudies: [Verb] = all.filter { verb in
    ![match.name, weight.name, impute.name, adjust.name, marginTest.name].contains(verb.name)
      && !verb.keys.contains(OptionKey.jobsFile)
      && verb.words.count == 1
  }

  /// The common options that such a call may give; the study decides the others.
  static let studyKeys: [OptionKey] = [.filter, .weights, .cluster, .missing, .imputation]
}
