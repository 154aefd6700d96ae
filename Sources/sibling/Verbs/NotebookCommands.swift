import ArgumentParser
import Statistics
import Studies

/// Commands that check notebooks: prose with commands and their outputs.
enum NotebookCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [NotebookCommand.self]
}

/// The verbs about notebooks, such as `sibling notebook check`.
struct NotebookCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "notebook",
    abstract: "Check, run or renew Markdown notebooks: prose with commands and their outputs.",
    discussion: """
      A notebook is Markdown. In ```console blocks every line that begins with '$ ' is a command \
      (sibling, cat or ls); what it printed stands below, between <!-- output --> and <!-- /output \
      -->. A value in prose reads <!-- value: COLUMN where LABEL=TEXT as STYLE -->12.3<!-- /value \
      -->: a cell of the last command above, or of a file with FILE | before the column; styles are \
      integer, 1 decimals, percent, p, with signed or magnitude before them. <!-- picture: FILE -> \
      COPY --> keeps a copy of a chart beside the notebook, and <!-- tolerance: 1e-6 --> says how far \
      numbers below may differ (1e-9 unless it is there).

      Commands run in a temporary folder that mirrors the project, one after the other.
      """,
    subcommands: [NotebookCheck.self, NotebookPrint.self, NotebookPromote.self])
}

/// What the verbs about notebooks share.
struct NotebookOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help:
      "Folder in which the commands start. Default: the nearest one above the notebook that holds Data."
  ) var root: String?
  @OptionGroup var talk: TalkOptions
}

/// Runs notebooks again and compares.
struct NotebookCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Run the commands of notebooks again and compare; exit status 4 on a difference.",
    discussion: """
      Example:
        sibling notebook check Notebooks-md/quick-start.md
      """)

  @Argument(help: "Notebooks (Markdown).") var files: [String]
  @OptionGroup var options: NotebookOptions

  mutating func run() throws {
    var stale = 0
    for file in files {
      var notebook = try NotebookRun(path: file, root: options.root)
      try notebook.run()
      for difference in notebook.differences {
        Console.put("\(file):\(difference.line): \(difference.what) differs\n")
        Console.put("  stands there: \(difference.expected)\n")
        Console.put("  comes out:    \(difference.found)\n")
      }
      if !notebook.differences.isEmpty { stale += 1 }
      guard !options.talk.quiet else { continue }
      let counts = notebook.counts
      let state = notebook.differences.isEmpty ? "current" : "stale"
      Console.say(
        "\(file): \(state); \(counts.blocks) outputs, \(counts.values) values,"
          + " \(counts.pictures) pictures")
    }
    guard stale == 0 else {
      throw SiblingError(
        .drift,
        "\(stale) of \(files.count) notebook\(files.count == 1 ? "" : "s") differ from what"
          + " the commands give now",
        help: "look at what changed; 'sibling notebook promote' takes the new outputs")
    }
  }
}

/// Runs a notebook and prints it.
struct NotebookPrint: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Print a notebook with what its commands give now.",
    discussion: """
      The file stays as it is.

      Example:
        sibling notebook run Notebooks-md/quick-start.md
      """)

  @Argument(help: "Notebook (Markdown).") var file: String
  @OptionGroup var options: NotebookOptions

  mutating func run() throws {
    var notebook = try NotebookRun(path: file, root: options.root)
    try notebook.run()
    Console.put(notebook.text)
  }
}

/// Takes what the commands give now into notebooks.
struct NotebookPromote: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "promote", abstract: "Write what the commands give now into notebooks.",
    discussion: """
      Example:
        sibling notebook promote Notebooks-md/quick-start.md
      """)

  @Argument(help: "Notebooks (Markdown).") var files: [String]
  @OptionGroup var options: NotebookOptions

  mutating func run() throws {
    for file in files {
      var notebook = try NotebookRun(path: file, root: options.root)
      try notebook.run()
      let count = notebook.differences.count
      if count > 0 { try notebook.promote() }
      if !options.talk.quiet {
        Console.say(
          count == 0
            ? "\(file): current" : "\(file): \(count) difference\(count == 1 ? "" : "s") taken")
      }
    }
  }
}
