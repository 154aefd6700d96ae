public import Statistics

/// What a run of a study would take from the cache and what it would run again, and why.
public enum CachePlan {
  /// A line a phase: `survival first_job: cached`, `effects: would run: `matching.caliper` changed`.
  ///
  /// - Throws: what is wrong with the cache's folder.
  public static func lines(_ study: StudyFile, cache: String) throws(SiblingError) -> [String] {
    lines(study, PhaseCache(try CacheFolder(cache)))
  }

  /// A line a phase.
  static func lines(_ study: StudyFile, _ cache: PhaseCache) -> [String] {
    var lines = ["reading the data, the design and the gate: always run"]
    for (name, keys) in uncached where keys.contains(where: { study.node[$0] != nil }) {
      lines.append("\(name): always run")
    }
    var isStale = false
    for (phase, own, weighs) in phases(study) {
      let state = state(phase, own, weighs && isStale, study, cache)
      if state != nil { isStale = true }
      lines.append("\(phase): \(state ?? "cached")")
    }
    return lines
  }

  /// What is never kept, with the sections that ask for it.
  private static let uncached: [(name: String, keys: [String])] = [
    ("panel designs", ["difference-in-differences", "event-study"]),
    (
      "contracts and payments",
      ["performance", "contracts", "incentives", "dose-response", "scenario", "value-for-money"]
    ),
  ]

  /// Why a phase would run; nil when it is kept.
  ///
  /// Results that a section weighs are taken as they were the last time, so that one that was kept
  /// with other results before may be said to run and is kept all the same.
  private static func state(
    _ phase: String, _ own: [StudyNode], _ isAfterStale: Bool, _ study: StudyFile,
    _ cache: PhaseCache
  ) -> String? {
    let name = PhaseCache.file(phase, study)
    guard let recipe = cache.recipe(name) else { return "would run: not kept yet" }
    // The gate and the tables before it are known when it runs; until then they are taken as they were.
    let known = recipe.ingredients.filter { $0.name == "gate" || $0.name == "tables" }
    let facts = known.filter { $0.name == "gate" } + [PhaseCache.ingredient(own: own)]
    let now = cache.ingredients(
      study, recipe.sections, recipe.files, recipe.early,
      facts + known.filter { $0.name == "tables" })
    // Several states of one phase may be kept; the recipe is that of the last.
    let file = "\(name)-\(PhaseRecipe.fingerprint(phase, now).prefix(32)).part"
    guard cache.part(file) == nil else {
      return isAfterStale ? "runs if the results before it change" : nil
    }
    let reason = recipe.reason(now: now, settings: cache.settings(study))
    return "would run: \(reason ?? "what was kept is gone or damaged")"
  }

  /// The phases that a study would run, with the nodes that they are given.
  static func phases(_ study: StudyFile) -> [(name: String, own: [StudyNode], weighs: Bool)] {
    let node = study.node
    var phases: [(name: String, own: [StudyNode], weighs: Bool)] = []
    if node["matching"] != nil {
      phases.append(("effects", [], false))
      if let hidden = node["hidden-bias"] {
        let primary = node["effects"]?.elements.first
        phases.append(("hidden bias", [hidden] + [primary].compactMap { $0 }, false))
      }
      if node["assignment"]?["level"]?.text == "site", study.siteColumn != nil {
        phases.append(("few clusters", [], false))
      }
    }
    for entry in node["survival"]?.elements ?? [] {
      phases.append(("survival \(entry["name"]?.text ?? "survival")", [entry], false))
    }
    if node["states"] != nil { phases.append(("states", [], false)) }
    for entry in node["analyses"]?.elements ?? [] {
      phases.append(("analysis \(entry["name"]?.text ?? "")", [entry], false))
    }
    guard node["data"] != nil else { return phases }
    phases += CohortSections.all.map { (StudyRun.phaseName($0), [], false) }
    phases += EvaluationSections.all.map { (StudyRun.phaseName($0), [], true) }
    return phases
  }
}

extension StudyRun {
  /// What a section is called in progress lines and in the cache: its type's name in words.
  static func phaseName(_ section: Any.Type) -> String {
    var words = ""
    for letter in "\(section)".replacing("Section", with: "") {
      if letter.isUppercase, !words.isEmpty { words += " " }
      words += letter.lowercased()
    }
    return words
  }
}
