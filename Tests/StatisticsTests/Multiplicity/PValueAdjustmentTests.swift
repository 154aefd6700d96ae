import Statistics
import TestSupport
import Testing

/// Fifteen p-values of Benjamini and Hochberg (1995), section 4; adjusted values by statsmodels 0.14
/// (`multipletests`: holm, bonferroni, simes-hochberg, fdr_bh, fdr_by), which are R's `p.adjust`.
@Suite struct PValueAdjustmentTests {
  static let published: [Double?] = [
    0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719,
    0.6528, 0.7590, 1.0,
  ]
  static let adjusted: [PValueAdjustment: [Double]] = [
    .holm: [
      0.0015, 0.0056, 0.0247, 0.114, 0.2211, 0.278, 0.278, 0.278, 0.3213, 1, 1, 1, 1, 1, 1,
    ],
    .bonferroni: [
      0.0015, 0.006, 0.0285, 0.1425, 0.3015, 0.417, 0.447, 0.516, 0.6885, 1, 1, 1, 1, 1, 1,
    ],
    .hochberg: [
      0.0015, 0.0056, 0.0247, 0.114, 0.2211, 0.2682, 0.2682, 0.2752, 0.3213, 1, 1, 1, 1, 1, 1,
    ],
    .benjaminiHochberg: [
      0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.0638571428571429, 0.0638571428571429, 0.0645,
      0.0765, 0.486, 0.581181818181818, 0.714875, 0.753230769230769, 0.813214285714286, 1,
    ],
    .benjaminiYekutieli: [
      0.00497734348984349, 0.00995468697968698, 0.0315231754356754, 0.118211907883783,
      0.200089208291708, 0.211892622853337, 0.211892622853337, 0.21402577006327, 0.253844517982018,
      1, 1, 1, 1, 1, 1,
    ],
  ]

  @Test(arguments: PValueAdjustment.allCases) func published(_ method: PValueAdjustment) throws {
    let found = method.adjusted(Self.published).compactMap { $0 }
    #expect(close(found, try #require(Self.adjusted[method]), .closedForm))
  }

  @Test(arguments: PValueAdjustment.allCases)
  func orderAndMissingDoNotMatter(_ method: PValueAdjustment) throws {
    var stream = RandomStream(seed: 4, name: "p")
    let places = stream.permutation(Self.published.count)
    let mixed = places.map { Self.published[$0] } + [nil]
    let found = method.adjusted(mixed)
    let direct = method.adjusted(Self.published)
    #expect(found.last == .some(nil))
    for (place, index) in places.enumerated() { #expect(found[place] == direct[index]) }
    // Never below the p-value itself, never above one, in the same order.
    for (raw, value) in zip(Self.published, direct) {
      #expect((value ?? 0) >= (raw ?? 0) && (value ?? 2) <= 1)
    }
    #expect(zip(direct, direct.dropFirst()).allSatisfy { ($0 ?? 0) <= ($1 ?? 0) })
  }

  @Test func noneOrOne() {
    for method in PValueAdjustment.allCases {
      #expect(method.adjusted([]) == [])
      #expect(method.adjusted([nil]) == [nil])
      #expect(method.adjusted([0.03]) == [0.03])
    }
  }
}
