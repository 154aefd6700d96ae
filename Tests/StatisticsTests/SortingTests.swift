import Statistics
import Testing

@Suite struct SortingTests {
  @Test func stableInBothDirections() {
    let values = [3, -1, 0.0, -0.0, .infinity, -.infinity, 3, 2, .nan, -1]
    #expect(Sorting.order(values) == [5, 1, 9, 2, 3, 7, 0, 6, 4, 8])
    #expect(Sorting.descendingOrder(values) == [4, 0, 6, 7, 2, 3, 1, 9, 5, 8])
    #expect(Sorting.order(codes: [2, 0, 1, 0, 2], levels: 3) == [1, 3, 2, 0, 4])
  }

  @Test func agreesWithTheLibrarySort() {
    var state: UInt64 = 9
    let values = (0..<5000).map { _ -> Double in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Double(Int64(bitPattern: state) >> 50) / 7
    }
    let expected = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
    #expect(Sorting.order(values).map(Int.init) == expected)
  }
}
