public import LinearAlgebra

/// What distances between units are measured on.
public enum MatchingDistance: Sendable, Equatable {
  /// The absolute difference of a score, one value a row.
  case score([Double])
  /// The Euclidean distance between rows of coordinates, n × q.
  ///
  /// Mahalanobis distance and its kin are this in coordinates made for it.
  case coordinates(Matrix)
}
