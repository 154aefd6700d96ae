import ArgumentParser
import Studies

/// Options of `effect` that say how it and its uncertainty are estimated.
struct EstimationOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: .of(.effect, "se")) var se: String?
  @Option(parsing: .unconditional, help: .of(.effect, "bootstrap")) var bootstrap: String?
  @Option(parsing: .unconditional, help: .of(.effect, "folds")) var folds: String?
  @Option(parsing: .unconditional, help: .of(.effect, "repetitions")) var repetitions: String?
  @Option(parsing: .unconditional, help: .of(.effect, "variance-neighbours"))
  var varianceNeighbours: String?
  @Flag(help: .of(.effect, "score-known")) var scoreKnown = false
  @Flag(help: .of(.effect, "bias-adjust")) var biasAdjust = false
  @Option(parsing: .unconditional, help: .of(.effect, "subgroup")) var subgroup: String?
}
