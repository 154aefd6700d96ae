extension Verb {
  /// The verbs that a study file may call: all but those whose rows are single people.
  ///
  /// Verbs that read a cohort's files have sections of their own there.
  static let inStudies: [Verb] = all.filter { verb in
    ![match.name, weight.name].contains(verb.name)
      && !verb.keys.contains { $0.name == OptionKey.jobsFile.name }
  }

  /// The common options that such a call may give; the study decides the others.
  static let studyKeys: [OptionKey] = [.filter, .weights, .cluster, .missing]
}
