extension Verb {
  /// The verbs that a study file may call: all but those whose rows are single people.
  static let inStudies: [Verb] = all.filter { ![match.name, weight.name, impute.name].contains($0.name) }

  /// The common options that such a call may give; the study decides the others.
  static let studyKeys: [OptionKey] = [.filter, .weights, .cluster, .missing, .imputation]
}
