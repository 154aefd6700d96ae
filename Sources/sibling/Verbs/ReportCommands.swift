import ArgumentParser
import Statistics
import Studies

/// Commands that show a report and make other formats of it.
enum ReportCommands {
  /// The commands, in the order of the help page.
  static let all: [any ParsableCommand.Type] = [ShowReport.self]
}

/// Shows a written report in the terminal, or makes other formats of it.
struct ShowReport: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Show a written report: its summary as text, the whole, the page, PNG charts.",
    discussion: """
      Prints the summary of a report that 'sibling run' wrote. The page (html) is always the whole \
      report; it needs no other file, only its links to results/*.csv lead into the folder. With \
      --png every chart stands as PNG beside its SVG; rsvg-convert (Debian: librsvg2-bin) draws \
      them, and nothing is printed unless --format is given too.

      Examples:
        sibling report Reports/nsw
        sibling report Reports/nsw --whole --format md
        sibling report Reports/nsw --format html --output nsw.html
        sibling report Reports/nsw --png --png-width 2000
      """)

  @Argument(help: "Folder of a report.") var folder: String
  @Option(
    parsing: .unconditional,
    help: "text, md or html. Default: text, the summary in lines of 80 characters.")
  var format: String?
  @Flag(help: "The whole report instead of its summary.") var whole = false
  @Option(parsing: .unconditional, help: "File to write instead of standard output.")
  var output: String?
  @OptionGroup var pictures: PictureOptions
  @OptionGroup var talk: TalkOptions

  mutating func run() throws {
    do throws(SiblingError) {
      let view = try ReportView(folder: folder)
      var form = ReportView.Format.text
      if let format {
        guard let known = ReportView.Format(rawValue: format) else {
          throw SiblingError(
            .invalidOption, "'\(format)' is no format of a report", help: "take text, md or html")
        }
        form = known
      }
      if let pictures = try pictures.pictures() {
        let count = try view.draw(pictures)
        if !talk.quiet {
          Console.say("\(count) chart\(count == 1 ? "" : "s") drawn as PNG in \(folder)/figures")
        }
        if format == nil, !whole, output == nil { return }
      }
      let text = try view.text(as: form, whole: whole)
      try Console.put(text, to: output)
    } catch {
      Console.fail(error, isPublic: false)
    }
  }
}

/// Whether charts are drawn as PNG too, and how wide.
struct PictureOptions: ParsableArguments {
  @Flag(help: "Charts as PNG too, beside their SVG (needs rsvg-convert).") var png = false
  @Option(
    parsing: .unconditional,
    help: "How wide PNG charts are, in pixels (200 to 10000); asks for them. Default: 1520.")
  var pngWidth: Int?

  /// What draws them; nil when none are asked for.
  ///
  /// - Throws: `invalidOption`, or `writeFailure` when rsvg-convert is not installed.
  func pictures() throws(SiblingError) -> Pictures? {
    guard png || pngWidth != nil else { return nil }
    return try Pictures(width: pngWidth ?? Pictures.usualWidth)
  }
}
