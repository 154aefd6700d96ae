import ArgumentParser
import Statistics
import Studies

/// A command that runs one estimator on one data file.
protocol EstimatorCommand: ParsableCommand {
  /// The verb whose options and help it has.
  static var verb: Verb { get }
  /// The data file as given.
  var path: String { get }
  /// The formula, where the verb takes one.
  var formulaText: String? { get }
  /// The options of every verb.
  var common: CommonOptions { get }
}

extension EstimatorCommand {
  var formulaText: String? { nil }

  mutating func run() throws {
    let values = OptionCollector.values(of: self, verb: Self.verb)
    try Session(talk: common.talk, values: values).estimate(
      Self.verb, path: path, formula: formulaText, values: values)
  }

  static func page(for verb: Verb) -> CommandConfiguration {
    CommandConfiguration(
      commandName: verb.words.last ?? verb.name, abstract: verb.abstract,
      discussion: verb.discussion + "\n\nExample:\n  " + verb.example)
  }
}
