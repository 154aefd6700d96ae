/// A chart drawn from released tables: an SVG picture and what it was drawn from.
///
/// Only the charts of this room can make one.
public struct Figure: Sendable, Equatable {
  /// The stem of the file: `love_plot` becomes `figures/love_plot.svg`.
  public let name: String
  /// The picture.
  public let svg: String
  /// What the picture shows, in words, for those who cannot see it.
  public let summary: String
  /// The CSV files whose numbers it shows.
  public let sources: [String]
  let claims: [Prose.Claim]

  init(
    name: String, svg: String, summary: String, sources: [String], claims: [Prose.Claim] = []
  ) {
    self.name = name
    self.svg = svg
    self.summary = summary
    self.sources = sources
    self.claims = claims
  }

  /// The path below the output directory.
  public var path: String { "figures/\(name).svg" }

  /// The numbers of the summary, which are those of the figure's tables.
  var summaryClaims: [Prose.Claim] {
    Prose(plain: summary).claims.map { claim in
      var claim = claim
      claim.origin = .drawn(sources)
      return claim
    }
  }
}
