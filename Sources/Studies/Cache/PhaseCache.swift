internal import Engines
internal import LinearAlgebra
internal import Reporting
public import Statistics

/// Results of a run's phases, kept between runs, so that a small change costs only what it touches.
///
/// A phase is kept under the hash of everything that it depends on: the program, the processor kernel,
/// seed, level and profile, the gate's verdict, the bytes of the data files, the sections that every
/// phase rests on, and what the phase itself read of the study file. One bit of any of these changed,
/// and it runs again. Reading the data, the design and the gate always run.
final class PhaseCache {
  let folder: CacheFolder
  private let program: String
  private var hashes: [String: String] = [:]
  private var isRunning = false
  private var early: [String]?
  /// What the analyst should know: files that were damaged.
  private(set) var notes: [String] = []
  /// How many phases were kept, and how many ran.
  private(set) var counts = (kept: 0, run: 0)

  /// A cache in a folder, of the running program unless another is named.
  init(_ folder: CacheFolder, program: String? = nil) {
    self.folder = folder
    self.program = program ?? ProgramHash.of(folder)
  }

  /// The processor kernel and how the library was built, asked once: the library makes this text anew in
  /// one place at every call, so that asking from two threads at once can give half of it.
  private static let kernel = "\(BLASInformation.kernel) \(BLASInformation.configuration)"

  /// Sections that every phase rests on: whom it is about, and who was compared with whom.
  static let shared = [
    "data", "disclosure", "public", "treatment", "assignment", "attrition", "outcomes", "matching",
    "gate", "plan",
    "difference-in-differences", "event-study", "few-clusters",
  ]

  /// Runs a phase, or adds what it added the last time that everything was the same.
  ///
  /// - Parameters:
  ///   - phase: its name, one of its kind in a study.
  ///   - study: the study.
  ///   - own: nodes that it was given and reads without asking the study file.
  ///   - gate: the gate's verdict.
  ///   - weighs: whether it reads tables that were filled before it.
  ///   - tables: the tables of the run.
  ///   - body: the phase.
  /// - Throws: what the phase throws; `writeFailure` when the cache can't be written.
  func perform(
    _ phase: String, of study: StudyFile, own: [StudyNode], gate: String, weighs: Bool,
    _ tables: inout StudyTables, _ body: (inout StudyTables) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    guard !isRunning else { return try body(&tables) }
    let early = self.early ?? study.reads.early.sorted()
    self.early = early
    let facts =
      [
        PhaseRecipe.Ingredient(name: "gate", hash: gate),
        Self.ingredient(own: own),
      ] + (weighs ? [.init(name: "tables", hash: Self.hash(tables))] : [])
    let name = Self.file(phase, study)
    if let recipe = recipe(name) {
      let now = ingredients(study, recipe.sections, recipe.files, early, facts)
      let file = "\(name)-\(PhaseRecipe.fingerprint(phase, now).prefix(32)).part"
      if let part = part(file) {
        try part.add(to: &tables)
        counts.kept += 1
        return
      }
    }
    isRunning = true
    study.reads.start()
    defer {
      isRunning = false
      _ = study.reads.stop()
    }
    counts.run += 1
    let before = tables
    if !weighs { tables = StudyTables() }
    do throws(SiblingError) {
      try body(&tables)
    } catch {
      tables = before
      throw error
    }
    let (sections, files) = study.reads.stop()
    let part: TablePart?
    if weighs {
      part = TablePart(from: before, to: tables)
    } else {
      let made = TablePart(tables)
      tables = before
      try made.add(to: &tables)
      part = made
    }
    guard let part else { return }
    let now = ingredients(study, sections, files, early, facts)
    let recipe = PhaseRecipe(
      phase: phase, sections: sections, files: files, early: early, ingredients: now,
      settings: settings(study))
    guard let kept = try? Tree.of(part), let written = try? Tree.of(recipe) else { return }
    try folder.write(
      kept.bytes, "\(name)-\(PhaseRecipe.fingerprint(phase, now).prefix(32)).part")
    try folder.write(written.bytes, "\(name).recipe")
  }

  /// The nodes that a phase was given, as one thing that it depends on.
  static func ingredient(own: [StudyNode]) -> PhaseRecipe.Ingredient {
    .init(name: "own", hash: hash(own.map(\.canonical).joined(separator: "\n")))
  }

  /// The name of a phase's files.
  static func file(_ phase: String, _ study: StudyFile) -> String {
    String(hash("\(study.name)\n\(phase)").prefix(24))
  }

  /// The recipe of a phase, when it was kept.
  func recipe(_ name: String) -> PhaseRecipe? {
    guard let tree = tree("\(name).recipe") else { return nil }
    return try? tree.value(of: PhaseRecipe.self)
  }

  /// The part of a file, when it is there and sound.
  func part(_ file: String) -> TablePart? {
    guard let tree = tree(file) else { return nil }
    return try? tree.value(of: TablePart.self)
  }

  private func tree(_ file: String) -> Tree? {
    switch folder.read(file) {
    case .absent: return nil
    case .damaged:
      notes.append("a file of the cache was damaged, so its phase ran again")
      return nil
    case .sound(let bytes): return Tree(bytes: bytes)
    }
  }

  /// Everything that a phase depends on, as it is now.
  func ingredients(
    _ study: StudyFile, _ sections: [String], _ files: [String], _ early: [String],
    _ facts: [PhaseRecipe.Ingredient]
  ) -> [PhaseRecipe.Ingredient] {
    var found: [PhaseRecipe.Ingredient] = [
      .init(name: "program", hash: program),
      .init(name: "kernel", hash: Self.kernel),
      .init(name: "seed", hash: "\(study.seed)"), .init(name: "level", hash: "\(study.level)"),
      .init(name: "disclosure", hash: study.disclosure),
      .init(name: "public", hash: "\(study.isPublic)"),
    ]
    for section in Set(sections).union(Self.shared).sorted() {
      let text =
        section == ReadLog.everything
        ? String(decoding: study.bytes, as: UTF8.self)
        : study.node[section]?.canonical ?? "absent"
      found.append(.init(name: PhaseRecipe.section + section, hash: Self.hash(text)))
    }
    for file in Set(files).union(early).sorted() {
      found.append(.init(name: PhaseRecipe.file + file, hash: hash(file, study)))
    }
    return found + facts
  }

  /// Every setting of the study, hashed, to name the one that changed.
  func settings(_ study: StudyFile) -> [PhaseRecipe.Setting] {
    StudyKeys(study).settings.map { .init(key: $0.key, hash: Self.hash($0.value)) }
  }

  private func hash(_ file: String, _ study: StudyFile) -> String {
    let path = study.resolve(file)
    if let known = hashes[path] { return known }
    let hash = readBytes(path).map { SHA256.hexadecimal($0) } ?? "absent"
    hashes[path] = hash
    return hash
  }

  private static func hash(_ text: String) -> String { SHA256.hexadecimal(Array(text.utf8)) }

  private static func hash(_ tables: StudyTables) -> String {
    var text = ""
    for table in tables.filled { text += hash((try? Tree.of(table).bytes) ?? []) }
    for (name, path) in StudyTables.noteSlots {
      for (key, lines) in tables[keyPath: path].sorted(by: { $0.key < $1.key }) {
        text += "\(name)\u{0}\(key)\u{0}\(lines.joined(separator: "\u{0}"))\n"
      }
    }
    return hash(text + tables.hiddenBiasRemarks.joined(separator: "\u{0}"))
  }

  private static func hash(_ bytes: [UInt8]) -> String { SHA256.hexadecimal(bytes) }
}

extension StudyFile {
  /// Runs a phase through the cache, or just runs it where there is none.
  ///
  /// - Throws: what the phase throws.
  func cached(
    _ phase: String, own: [StudyNode] = [], gate: String, weighs: Bool = false,
    _ tables: inout StudyTables, _ body: (inout StudyTables) throws(SiblingError) -> Void
  ) throws(SiblingError) {
    tell(phase)
    guard let cache else { return try body(&tables) }
    try cache.perform(
      phase, of: self, own: own, gate: gate, weighs: weighs, &tables, body)
  }

  /// The same study, telling of each phase of a run as it begins.
  public func telling(_ tell: @escaping (String) -> Void) -> StudyFile {
    var file = self
    file.tell = tell
    return file
  }

  /// The same study, keeping results between runs in a folder.
  ///
  /// - Parameters:
  ///   - cache: the folder; it holds numbers that disclosure control has not seen.
  ///   - output: the report's folder, which the cache may not stand in.
  /// - Returns: the study to run.
  /// - Throws: what is wrong with the folder.
  public func keepingResults(in cache: String, output: String) throws(SiblingError) -> StudyFile {
    if let engine = try StudyEngine(self), engine.kind != .memory {
      throw SiblingError(
        .usage, "results can't be kept between runs where the data are on \(engine.kind.title)",
        help: "leave out --cache: nobody would see that rows changed there")
    }
    var file = self
    file.cache = PhaseCache(try CacheFolder(cache, output: output))
    return file
  }

  /// What the cache did in a run, a line each; nothing without one.
  public var cacheNotes: [String] {
    guard let cache else { return [] }
    let counts = cache.counts
    return cache.notes.distinct
      + ["\(counts.kept) phases were kept from earlier runs, \(counts.run) ran"]
  }
}
