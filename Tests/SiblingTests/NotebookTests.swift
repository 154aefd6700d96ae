import Foundation
import TestSupport
import Testing

/// The commands of every notebook give what stands below them, and a changed digit is caught.
@Suite struct NotebookTests {
  static let folder = Golden.projectFolder.appendingPathComponent("Notebooks-md")

  static let notebooks: [String] =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? [])
    .filter { $0.hasSuffix(".md") && $0 != "README.md" }.sorted()

  @Test func thereAreNotebooks() { #expect(!Self.notebooks.isEmpty) }

  @Test(arguments: notebooks) func outputsAreCurrent(_ name: String) throws {
    let run = try CommandLineRun("notebook", "check", "Notebooks-md/\(name)")
    #expect(run.status == 0, "\(name) is stale; see Notebooks-md/README.md\n\(run.output)")
    #expect(run.errors.contains("\(name): current"))
  }

  /// A notebook of one command, one value and one picture, current.
  private static func small(_ folder: TemporaryFolder) throws -> URL {
    let text = """
      # A small notebook

      ```console
      $ sibling regress Data/lalonde/lalonde.csv 're78 ~ treat' --format csv -q
      ```

      They earned $<!-- value: estimate where term=treat as magnitude integer -->0<!-- /value --> less.

      ```console
      $ sibling run Data/mhep-early/study.yaml --output report -q
      $ cat report/summary.md
      ```

      <!-- picture: report/figures/payer_waterfall.svg -> pictures/waterfall.svg -->

      """
    let file = folder.url.appendingPathComponent("small.md")
    try Data(text.utf8).write(to: file)
    let promoted = try CommandLineRun("notebook", "promote", file.path, "--root", ".")
    #expect(promoted.status == 0, "\(promoted.errors)")
    return file
  }

  private static func check(_ file: URL) throws -> CommandLineRun {
    try CommandLineRun("notebook", "check", file.path, "--root", ".")
  }

  @Test func promotingMakesANotebookCurrent() throws {
    let folder = try TemporaryFolder()
    let file = try Self.small(folder)
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text.contains("-->635<!-- /value --> less."))
    #expect(text.contains("term,estimate,std.error"))
    let again = try Self.check(file)
    #expect(again.status == 0, "\(again.output)")
    #expect(again.errors.contains("2 outputs, 1 values, 1 pictures"))
    // Running prints the notebook and leaves the file alone.
    let printed = try CommandLineRun("notebook", "run", file.path, "--root", ".")
    #expect(printed.output == text)
  }

  @Test(arguments: [
    ("-635.0262", "-635.1262"), ("-->635<", "-->636<"), ("£", "$"),
  ])
  func aChangedDigitIsCaught(_ change: (old: String, new: String)) throws {
    let folder = try TemporaryFolder()
    let file = try Self.small(folder)
    var text = try String(contentsOf: file, encoding: .utf8)
    let place = try #require(text.range(of: change.old))
    text.replaceSubrange(place, with: change.new)
    try Data(text.utf8).write(to: file)
    let run = try Self.check(file)
    #expect(run.status == 4)
    #expect(run.output.contains("small.md:"))
    #expect(run.errors.contains("error [drift]"))
  }

  @Test func aChangedPictureIsCaught() throws {
    let folder = try TemporaryFolder()
    let file = try Self.small(folder)
    let picture = folder.url.appendingPathComponent("pictures/waterfall.svg")
    var svg = try String(contentsOf: picture, encoding: .utf8)
    let place = try #require(svg.range(of: "<desc"))
    svg.replaceSubrange(place, with: "<title>more</title><desc")
    try Data(svg.utf8).write(to: picture)
    let run = try Self.check(file)
    #expect(run.status == 4)
    #expect(run.output.contains("picture pictures/waterfall.svg"))
  }

  @Test(arguments: [
    ("```console\n$ rm -rf x\n```\n", "may not call 'rm'"),
    ("```console\n$ sibling doctor\n```\n\n<!-- value: nothing -->1<!-- /value -->\n", "no CSV"),
    ("```console\n$ sibling doctor\n", "not closed"),
    ("<!-- tolerance: lots -->\n", "'tolerance' takes a number"),
    ("Only prose.\n", "no command"),
  ])
  func badNotebooksAreRefusedWithTheirPlace(_ bad: (text: String, words: String)) throws {
    let folder = try TemporaryFolder()
    let file = folder.url.appendingPathComponent("bad.md")
    try Data(bad.text.utf8).write(to: file)
    let run = try Self.check(file)
    #expect(run.status == 65)
    #expect(run.errors.contains(bad.words), "\(run.errors)")
    #expect(run.errors.contains("bad.md"))
  }
}
