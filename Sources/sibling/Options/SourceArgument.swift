import Studies

/// `--source NAME` stands in for DATA: the parser, which counts words, gets it in that place too.
enum SourceArgument {
  /// The arguments with the source in the place of DATA; without --engine the verb then says that it is for that.
  static func placed(_ arguments: [String]) -> [String] {
    guard let source = source(arguments) else { return arguments }
    guard
      let verb = Verb.all.filter({ Array(arguments.prefix($0.words.count)) == $0.words })
        .max(by: { $0.words.count < $1.words.count })
    else { return arguments }
    var placed = arguments
    placed.insert(source, at: verb.words.count)
    return placed
  }

  private static func source(_ arguments: [String]) -> String? {
    for (index, argument) in arguments.enumerated() {
      if argument.hasPrefix("--source=") { return String(argument.dropFirst(9)) }
      if argument == "--source", index + 1 < arguments.count { return arguments[index + 1] }
    }
    return nil
  }
}
