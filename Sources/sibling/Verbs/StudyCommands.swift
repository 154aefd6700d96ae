import ArgumentParser
import Statistics
import Studies

/// Runs a study and writes its report.
struct Run: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Run a study and write its report.",
    discussion: """
      Loads the data, checks the design before any effect is estimated, runs every analysis that \
      the study file names, applies disclosure control and writes report.md, report.html, \
      summary.md, results/*.csv, figures/*.svg, datapackage.json, manifest.json and \
      disclosure_log.csv.

      Example:
        sibling run Data/nsw/study.yaml
      """)

  @Argument(help: "Study file (YAML).") var study: String
  @Option(
    parsing: .unconditional,
    help: "Folder to write. Default: Reports/<the study folder's name> under the current folder.")
  var output: String?
  @Option(
    parsing: .unconditional,
    help:
      "Folder (mode 700) that keeps results between runs, so that a small change costs only what it touches. It holds numbers that disclosure control has not seen: never give it away. Off unless given."
  )
  var cache: String?
  @Option(parsing: .unconditional, help: .of(.regress, "threads")) var threads: String?
  @OptionGroup var pictures: PictureOptions
  @OptionGroup var talk: TalkOptions

  mutating func run() throws {
    var values = OptionValues()
    if let threads, let key = Verb.regress.key("threads") { values.set(key, to: threads) }
    try Session(talk: talk, values: values).run(
      study: study, output: output, pictures: pictures, cache: cache)
  }
}

/// Checks a study file or a data file without running anything.
struct Validate: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check a study file and the data that it names, without running it.",
    discussion: """
      Prints every problem with file, line and column. Exit status 0 when there is none, else 65.
      Tables in the client-level schema are checked rule by rule, with a report of their quality:
      missing values by arm, round dates and hours, and what is possible but worth a look.

      Example:
        sibling validate Data/rossi/study.yaml
      """)

  @Argument(help: "Study file (YAML).") var study: String
  @OptionGroup var talk: TalkOptions

  mutating func run() throws {
    try Session(talk: talk, values: OptionValues()).validate(study: study)
  }
}

/// Prints the JSON Schema of the study file.
struct Schema: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the JSON Schema (draft-07) of the study file.",
    discussion: "Editors that know JSON Schema then check and complete study files as you type.")

  mutating func run() throws { Console.put(StudySchema.text) }
}

/// Checks the installation.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the installation: libraries, threads, kernel, a known answer.")

  mutating func run() throws {
    let checks = Checkup.run()
    for check in checks {
      let mark = check.passed ? check.isAbsent ? "none" : "ok  " : "FAIL"
      Console.put("\(mark) \(check.name): \(check.detail)\n")
    }
    if checks.contains(where: { !$0.passed }) { throw ExitCode(1) }
  }
}

/// Prints the manual page.
struct Manual: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Print the manual page (roff), for 'make install'.", shouldDisplay: false)

  mutating func run() throws { Console.put(ManualPage.text(for: Sibling.self)) }
}
