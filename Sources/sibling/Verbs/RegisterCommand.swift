import ArgumentParser
import Statistics
import Studies

/// Writes the table that a study's analyses see.
struct RegisterCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "register",
    abstract: "Write the one table that a study's analyses see, a row a client, as CSV.",
    discussion: """
      Reads the study's tables, applies the rules that a cohort brings (accepted, first episode, seen \
      for long enough), makes the outcomes and derived columns, and writes one row a client: for a \
      database ('data: {engine: …, source: …}'), or for another program. The rows are the clients' own \
      data: no disclosure control is applied.

      Example:
        sibling register Data/ips-simulated/study.yaml --output register.csv
      """)

  @Argument(help: "Study file.") var study: String
  @Option(
    parsing: .unconditional, help: "Columns to write, with commas between them; all unless given.")
  var columns: String?
  @Option(parsing: .unconditional, help: .of(.regress, "output")) var output: String?
  @OptionGroup var talk: TalkOptions

  mutating func run() throws {
    let file = try StudyFile(path: study)
    let names = (columns ?? "").split(separator: ",").map(String.init)
    do throws(SiblingError) {
      let register = try RegisterRequest(file, columns: names).text()
      try Console.put(register.csv, to: output)
      guard !talk.quiet else { return }
      Console.say("\(output ?? "standard output"): \(register.line); no disclosure control applied")
    } catch {
      Console.fail(error, isPublic: file.isPublic)
    }
  }
}
