/// What two runs do not share: settings, inputs, version and kernel.
struct ReportCauses {
  let settings: [SettingChange]
  /// Inputs with other bytes, that came or went, each with the sections that name them.
  let inputs: [(file: String, old: String, new: String, sections: Set<String>)]
  let version: (old: String, new: String)?
  let kernel: (old: String, new: String)?
  /// Whether either manifest tells no settings, so that a changed one can't be named.
  let isBlind: Bool

  /// Compares two manifests.
  init(_ old: StudyNode, _ new: StudyNode) {
    let before = SettingChange.settings(old["settings"])
    let after = SettingChange.settings(new["settings"])
    isBlind = before.isEmpty || after.isEmpty
    settings = isBlind ? [] : SettingChange.between(before, after)
    func inputs(_ manifest: StudyNode) -> [(String, String)] {
      (manifest["inputs"]?.elements ?? []).compactMap { node in
        node["path"]?.text.map { ($0, String((node["sha256"]?.text ?? "").prefix(12))) }
      }
    }
    self.inputs = SettingChange.between(inputs(old), inputs(new)).map { change in
      let naming = (before + after).filter { $0.1 == change.key }.map {
        StudyKeys.section(of: $0.0)
      }
      return (change.key, change.old ?? "", change.new ?? "", Set(naming))
    }
    func pair(_ key: String) -> (old: String, new: String)? {
      let (a, b) = (old[key]?.text ?? "", new[key]?.text ?? "")
      return a == b ? nil : (a, b)
    }
    version = pair("version")
    kernel = pair("blas_kernel")
  }

  /// The causes as findings, those that move most first.
  var findings: [ReportDifference.Finding] {
    var found: [ReportDifference.Finding] = []
    for input in inputs {
      found.append(.init(what: "input", file: input.file, old: input.old, new: input.new))
    }
    for change in settings {
      found.append(
        .init(what: "setting", column: change.key, old: change.old ?? "", new: change.new ?? ""))
    }
    if let version { found.append(.init(what: "version", old: version.old, new: version.new)) }
    if let kernel { found.append(.init(what: "kernel", old: kernel.old, new: kernel.new)) }
    return found
  }

  /// The changed inputs and settings that can have moved a table's rows, in words.
  func of(table: String, analysis: String = "") -> String {
    var causes = inputs.filter { input in
      // An input whose section is not known can have moved anything.
      input.sections.isEmpty
        || input.sections.contains {
          TableCauses.mayMove(key: $0, table: table, analysis: analysis)
        }
    }.map(\.file)
    causes += settings.map(\.key).filter {
      TableCauses.mayMove(key: $0, table: table, analysis: analysis)
    }
    if causes.isEmpty {
      if let version { return "version \(version.old) → \(version.new)" }
      if let kernel { return "kernel \(kernel.old) → \(kernel.new)" }
      return isBlind
        ? "not known: a report is older than the list of settings"
        : "unexplained: no changed setting or input reaches it"
    }
    let first = causes.prefix(3).joined(separator: ", ")
    return causes.count > 3 ? "\(first) and \(causes.count - 3) more" : first
  }
}
