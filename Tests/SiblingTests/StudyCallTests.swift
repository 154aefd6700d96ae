import Foundation
import Studies
import TestSupport
import Testing

/// Every verb called from a study file gives the rows of its one line.
@Suite struct StudyCall {
  /// The words of an example, as a shell would split them.
  private static func words(_ example: String) -> [String] {
    var words: [String] = []
    let parts = example.split(separator: "'", omittingEmptySubsequences: false)
    for (index, part) in parts.enumerated() {
      if index % 2 == 1 {
        words.append(String(part))
      } else {
        words += part.split(whereSeparator: { $0 == " " || $0 == "\n" || $0 == "\\" }).map(
          String.init)
      }
    }
    return words
  }

  /// The study file that says what an example's line says; nil without a data file.
  private static func study(_ verb: Verb) -> String? {
    var rest = words(verb.example).dropFirst(2)
    guard verb.data != .none, let data = rest.first, data.hasPrefix("Data/") else { return nil }
    rest = rest.dropFirst()
    var derivations: [String] = []
    var call: [String] = []
    while let word = rest.popFirst() {
      guard word.hasPrefix("--") else {
        call.append("formula: \(quoted(word))")
        continue
      }
      let name = String(word.dropFirst(2))
      let isFlag = verb.key(name)?.kind == .flag
      let value = isFlag ? "true" : rest.popFirst() ?? ""
      switch name {
      case "derive": derivations.append(quoted(value))
      // A study joins files under 'data', for all its analyses.
      case "seed", "level", "threads", "treated", "join": return nil
      default: call.append("\(name): \(isFlag ? value : quoted(value))")
      }
    }
    let path = Golden.projectFolder.appendingPathComponent(data).path
    return """
      study: call
      title: One call
      question: What does the verb print?
      public: true
      data: {file: \(quoted(path)), derive: [\(derivations.joined(separator: ", "))]}
      analyses:
        - name: one
          verb: \(verb.name)
          label: the example
          \(call.joined(separator: "\n    "))

      """
  }

  private static func quoted(_ text: String) -> String {
    "\"\(text.replacingOccurrences(of: "\"", with: "\\\""))\""
  }

  // Verbs on a cohort's files have sections of their own in a study.
  private static let verbs = Verb.all
    .filter { verb in study(verb) != nil && !verb.keys.contains { $0.name == "jobs" } }
    .map(\.name)
    .filter { !["match", "weight", "impute", "adjust", "margin"].contains($0) }

  @Test(arguments: verbs) func theSameRows(_ name: String) throws {
    let verb = try #require(Verb.all.first { $0.name == name })
    let folder = try TemporaryFolder(["study.yaml": try #require(Self.study(verb))])
    let run = try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
    try #require(run.status == 0, "\(run.errors)")
    let line = try CommandLineRun(arguments: Array(Self.words(verb.example).dropFirst()))
    try #require(line.status == 0, "\(line.errors)")
    let (there, here) = (
      CSVRecords(try folder.text("out/results/analysis_one.csv")), CSVRecords(line.output)
    )
    #expect(there.header.filter { $0 != "row" } == here.header.filter { $0 != "row" })
    #expect(there.rows.count == here.rows.count)
    for (left, right) in zip(there.rows, here.rows) {
      // A study knows its gate; one line does not.
      for name in here.header where name != "gate" {
        guard let a = Double(left[name] ?? ""), let b = Double(right[name] ?? "") else {
          #expect(left[name] == right[name], "\(name)")
          continue
        }
        // The report's files have twelve significant digits.
        #expect(close(a, b, Tolerance(relative: 1e-11, absolute: 1e-300)), "\(name)")
      }
    }
    #expect(try folder.text("out/report.md").contains("### The example"))
  }

  private static let people: String = {
    var text = "id,t,x,y\n"
    for number in 1...200 {
      text += "\(number),\(number % 2),\(Double(number * 7 % 50) / 50),\(number * 37 % 101)\n"
    }
    return text
  }()

  private func run(_ call: String) throws -> CommandLineRun {
    let folder = try TemporaryFolder([
      "people.csv": Self.people,
      "study.yaml": MadeUpStudy.file(level: "individual", effect: "analyses:\n" + call)
        .replacingOccurrences(of: "  site: site\n", with: ""),
    ])
    return try CommandLineRun(
      arguments: ["run", "study.yaml", "--output", "out"], folder: folder.url)
  }

  /// What is wrong with a call is said with its line before anything is estimated.
  @Test(arguments: [
    ("  - {name: a, verb: regres, label: x, formula: y ~ x}", "did you mean 'regress'"),
    ("  - {name: a, verb: regress, label: x, formula: y ~ x, famly: poisson}", "'family'"),
    ("  - {name: a, verb: regress, label: x, formula: y ~ x, rho: 1}", "no key 'rho'"),
    ("  - {name: a, verb: match, label: x, formula: t ~ x}", "can't be 'match'"),
    ("  - {name: A b, verb: regress, label: x, formula: y ~ x}", "small letters"),
    ("  - {name: a, verb: regress, label: x}", "a formula is needed"),
    ("  - {name: a, verb: regress, label: x, formula: y ~ x, vcov: CR9}", "CR9"),
    (
      "  - {name: a, verb: regress, label: x, formula: y ~ x}\n"
        + "  - {name: a, verb: regress, label: x, formula: y ~ x}", "two analyses"
    ),
  ])
  func refusals(_ call: (String, String)) throws {
    let run = try run(call.0)
    #expect(run.status == 65 || run.status == 64, "\(run.errors)")
    #expect(run.errors.contains(call.1), "\(run.errors)")
    #expect(run.errors.contains("study.yaml:"), "\(run.errors)")
  }
}
