import Foundation
import Reporting
import Testing

@testable import Studies

/// Results kept between runs: the same bytes with and without, and never stale.
@Suite struct PhaseCacheTests {
  /// A small study in a folder of its own.
  fileprivate final class Place: Sendable {
    let folder: String

    init() throws {
      folder = NSTemporaryDirectory() + "sibling-cache-\(UUID().uuidString)"
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true)
      var data = "id,t,x,y,weeks,end\n"
      for person in 1...80 {
        let x = Double((person * 7) % 40) / 40
        let noise = Double((person * 37) % 101) / 101
        data += "\(person),\(person % 2),\(x),\(x + noise + Double(person % 2)),"
        data += "\(1 + (person * 11) % 50),\(person % 3 == 0 ? 0 : 1)\n"
      }
      try write("people.csv", data)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func write(_ name: String, _ text: String) throws {
      try text.write(toFile: folder + "/" + name, atomically: true, encoding: .utf8)
    }

    func text(_ name: String) throws -> String {
      try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
    }

    func files(_ name: String) throws -> [String: Data] {
      let all = try FileManager.default.subpathsOfDirectory(atPath: folder + "/" + name)
      var found: [String: Data] = [:]
      for file in all {
        found[file] = FileManager.default.contents(atPath: "\(folder)/\(name)/\(file)")
      }
      return found
    }

    /// Runs the study; the counts are of phases kept and run.
    func run(
      _ study: String, into output: String, cached: Bool = true, program: String = "one"
    ) throws -> (kept: Int, run: Int) {
      try write("study.yaml", study)
      var file = try StudyFile(path: folder + "/study.yaml")
      if cached {
        file.cache = PhaseCache(try CacheFolder(folder + "/cache"), program: program)
      }
      _ = try StudyRun(file).run(into: folder + "/" + output) { _ in }
      return file.cache?.counts ?? (0, 0)
    }
  }

  private static let study = """
    study: kept
    title: A made-up study
    question: Did it work?
    public: true
    data: {file: people.csv, id: id}
    treatment: {column: t, treated: "1", label: clients, comparison-label: others}
    assignment: {level: individual, mechanism: policy}
    outcomes:
      - {name: y, label: the outcome, kind: number}
    matching: {formula: "t ~ x"}
    effects:
      - outcome: y
    survival:
      - {name: curve, formula: "Surv(weeks, end) ~ t", label: time, event: an end, time-unit: weeks}
    analyses:
      - {name: line, verb: regress, formula: "y ~ t + x", label: A line}

    """

  @Test func reportsAreTheSameWithAndWithoutTheCache() throws {
    let place = try Place()
    _ = try place.run(Self.study, into: "plain", cached: false)
    let first = try place.run(Self.study, into: "first")
    let second = try place.run(Self.study, into: "second")
    #expect(first.kept == 0 && first.run > 3)
    #expect(second.kept == first.run && second.run == 0)
    let plain = try place.files("plain")
    #expect(plain.count > 10)
    #expect(try place.files("first") == plain)
    #expect(try place.files("second") == plain)
  }

  @Test func aChangeRunsWhatRestsOnItAndNothingElse() throws {
    let place = try Place()
    let all = try place.run(Self.study, into: "a").run
    // One analysis of its own: its phase and the sections that weigh all results.
    let changed = Self.study.replacing("y ~ t + x", with: "y ~ t")
    let lines = try place.linesOfPlan(changed)
    #expect(lines.contains { $0 == "analysis line: would run: `analyses[line].formula` changed" })
    #expect(lines.contains("effects: cached"))
    let one = try place.run(changed, into: "b")
    #expect(one.run >= 1 && one.kept > one.run)
    _ = try place.run(changed, into: "plain", cached: false)
    #expect(try place.files("b") == place.files("plain"))
    // The design: everything.
    let design = Self.study.replacing("\"t ~ x\"}", with: "\"t ~ x\", caliper: 0.5}")
    #expect(
      try place.linesOfPlan(design).contains("effects: would run: `matching.caliper` changed"))
    #expect(try place.run(design, into: "c").run == all)
    // What was kept before the last change is kept still, and the plan says so.
    let back = try place.linesOfPlan(Self.study)
    #expect(back.contains("effects: cached") && back.contains("analysis line: cached"))
    #expect(!back.contains { $0.hasPrefix("few clusters") })
    // Words and comments: only the plan, which reads the whole file, is looked at again.
    let words = "# a comment\n" + Self.study.replacing("made-up", with: "small")
    let small = try place.run(words, into: "d")
    #expect(small.run == 1 && small.kept == all - 1)
  }

  @Test func sourcesAreSeenByTheChecklists() throws {
    let place = try Place()
    _ = try place.run(Self.study, into: "a")
    let sourced = Self.study + "sources: [A book]\n"
    _ = try place.run(sourced, into: "b")
    _ = try place.run(sourced, into: "plain", cached: false)
    #expect(try place.files("b") == place.files("plain"))
  }

  @Test func dataAndProgramAndSeedAreKeys() throws {
    let place = try Place()
    let all = try place.run(Self.study, into: "a").run
    #expect(try place.run(Self.study, into: "a", program: "two").kept == 0)
    #expect(try place.run(Self.study, into: "a").kept == all)
    #expect(try place.run(Self.study + "seed: 7\n", into: "a").kept == 0)
    #expect(try place.run(Self.study + "level: 0.9\n", into: "a").kept == 0)
    // One byte of the data, even where nobody looks at it.
    try place.write("people.csv", place.text("people.csv") + "\n")
    #expect(try place.run(Self.study, into: "a").kept == 0)
  }

  @Test func damagedFilesAreNoticedAndRunAgain() throws {
    let place = try Place()
    let all = try place.run(Self.study, into: "a").run
    let parts = try place.files("cache").keys.filter { $0.hasSuffix(".part") }.sorted()
    let victim = try #require(parts.first)
    var bytes = try #require(try place.files("cache")[victim])
    bytes[bytes.count / 2] ^= 1
    try bytes.write(to: URL(fileURLWithPath: "\(place.folder)/cache/\(victim)"))
    let again = try place.run(Self.study, into: "b")
    #expect(again.run == 1 && again.kept == all - 1)
    #expect(try place.files("b") == place.files("a"))
  }

  @Test func theFolderIsForItsOwnerAndNeverInAReport() throws {
    let place = try Place()
    _ = try place.run(Self.study, into: "a")
    func mode(_ path: String) throws -> Int? {
      try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
    #expect(try mode(place.folder + "/cache") == 0o700)
    for file in try place.files("cache").keys {
      #expect(try mode("\(place.folder)/cache/\(file)") == 0o600)
    }
    for below in ["a", "a/cache", "a/x/../cache"] {
      #expect(throws: (any Error).self) {
        try CacheFolder("\(place.folder)/\(below)", output: place.folder + "/a/")
      }
    }
    try FileManager.default.createDirectory(
      atPath: place.folder + "/open", withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o755])
    #expect(throws: (any Error).self) { try CacheFolder(place.folder + "/open") }
  }

  @Test func noTableOrNoteIsForgotten() {
    let known =
      StudyTables.slots.map(\.name) + StudyTables.optionalSlots.map(\.name)
      + StudyTables.noteSlots.map(\.name) + ["cohort", "further", "hiddenBiasRemarks"]
    let all = Mirror(reflecting: StudyTables()).children.compactMap(\.label)
    #expect(all.sorted() == known.sorted())
  }

  @Test func tablesComeBackWithEveryBit() throws {
    var tables = StudyTables()
    try tables.estimates.append([
      "analysis": "a", "estimate": .number(0.1 + 0.2), "std.error": .number(.leastNonzeroMagnitude),
      "statistic": .number(-0.0), "n_treated": 12,
    ])
    let bytes = try Tree.of(TablePart(tables)).bytes
    let tree = try #require(Tree(bytes: bytes[...]))
    var back = StudyTables()
    try tree.value(of: TablePart.self).add(to: &back)
    #expect(back.estimates == tables.estimates)
    #expect(back.estimates[0, "statistic"].number?.sign == .minus)
    for end in stride(from: 0, to: bytes.count, by: 97) {
      #expect(Tree(bytes: bytes[..<end]) == nil)
    }
  }
}

extension PhaseCacheTests.Place {
  /// What the plan says of a study.
  fileprivate func linesOfPlan(_ study: String) throws -> [String] {
    try write("planned.yaml", study)
    return CachePlan.lines(
      try StudyFile(path: folder + "/planned.yaml"),
      PhaseCache(try CacheFolder(folder + "/cache"), program: "one"))
  }
}
