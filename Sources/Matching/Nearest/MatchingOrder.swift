/// The order in which focal units choose their matches.
public enum MatchingOrder: Sendable, Equatable {
  /// The greatest score first.
  case largest
  /// The smallest score first.
  case smallest
  /// The smallest distance to a match first.
  case closest
  /// The greatest distance to the nearest match first.
  case farthest
  /// At random, the same for the same seed.
  case random(seed: UInt64)
  /// As the rows stand.
  case data
}
