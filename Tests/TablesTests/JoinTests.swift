import Statistics
import Testing

@testable import Tables

@Suite struct JoinTests {
  private let clients = """
    id,site,start
    1,B,2020-01-01
    2,A,2020-01-02
    3,,2020-01-01
    4,C,2020-01-03
    5,B,

    """
  private let sites = """
    site,size,name
    A,10,Ash
    B,20,Birch
    D,30,Dale

    """

  private func read(_ text: String, _ name: String) throws(SiblingError) -> Table {
    try CSVReader().read(bytes: Array(text.utf8), name: name)
  }

  @Test func manyToOne() throws {
    let joined = try read(clients, "clients.csv").joining(read(sites, "sites.csv"), by: ["site"])
    #expect(joined.table.names == ["id", "site", "start", "size", "name"])
    #expect(joined.table["size"]?.values == .integers([20, 10, .min, .min, 20]))
    #expect(joined.table["name"]?.asStrings == ["Birch", "Ash", nil, nil, "Birch"])
    #expect(joined.unmatched == 2 && joined.withoutKey == 1 && joined.unused == 1)
    // Places still point into the first file.
    #expect(joined.table.location(row: 1, column: "site")?.line == 3)
    #expect(joined.table.location(row: 1, column: "site")?.column == 3)
  }

  @Test func unmatchedRowsCanBeLeftOutOrRefused() throws {
    let (left, right) = (try read(clients, "clients.csv"), try read(sites, "sites.csv"))
    let dropped = try left.joining(right, by: ["site"], unmatched: .drop)
    #expect(dropped.table["id"]?.values == .integers([1, 2, 5]))
    #expect(dropped.table["size"]?.values == .integers([20, 10, 20]))
    #expect(dropped.table.location(row: 2)?.line == 6)
    let error = #expect(throws: SiblingError.self) {
      try left.joining(right, by: ["site"], unmatched: .refuse)
    }
    #expect(error?.code == .missingKey && error?.location?.line == 4)
  }

  @Test func oneToMany() throws {
    let jobs = try read("client,week\n2,5\n1,3\n2,1\n9,4\n", "jobs.csv")
    let joined = try read(clients, "clients.csv").joining(
      jobs, by: ["id"], matching: ["client"], cardinality: .oneToMany)
    #expect(joined.table["id"]?.values == .integers([1, 2, 2, 3, 4, 5]))
    #expect(joined.table["week"]?.values == .integers([3, 5, 1, .min, .min, .min]))
    #expect(joined.unmatched == 3 && joined.unused == 1)
    #expect(joined.table.location(row: 2)?.line == 3)
  }

  @Test func brokenCardinalityIsLocatedAtTheSecondRow() throws {
    let left = try read(clients, "clients.csv")
    let twice = try read("site,size\nA,1\nB,2\nA,3\n", "sites.csv")
    let right = #expect(throws: SiblingError.self) { try left.joining(twice, by: ["site"]) }
    #expect(right?.code == .duplicateKey && right?.cell == "A")
    #expect(right?.location == .init(file: "sites.csv", line: 4, column: 1))
    let own = #expect(throws: SiblingError.self) {
      try left.joining(read(sites, "sites.csv"), by: ["site"], cardinality: .oneToOne)
    }
    #expect(own?.code == .duplicateKey)
    #expect(own?.location == .init(file: "clients.csv", line: 6, column: 3))
  }

  @Test func severalKeysAndOtherTypes() throws {
    let left = try read("s,t,d\nA,1,2020-01-01\nA,2,2020-01-01\nB,1,2020-02-01\n", "l.csv")
    // 1.0 and 2.5 make the second file's t a column of doubles.
    let right = try read("s,t,v\nB,1.0,x\nA,2,y\nA,2.5,z\n", "r.csv")
    let joined = try left.joining(right, by: ["s", "t"])
    #expect(joined.table["v"]?.asStrings == [nil, "y", "x"])
    let dates = try read("d,holiday\n2020-02-01,true\n", "d.csv")
    #expect(try left.joining(dates, by: ["d"]).table["holiday"]?.values == .booleans([-1, -1, 1]))
  }

  @Test func refusals() throws {
    let left = try read("id,size\n1,2\n", "l.csv")
    let text = #expect(throws: SiblingError.self) {
      try left.joining(read("id,v\n007,1\nx,2\n", "r.csv"), by: ["id"])
    }
    #expect(text?.code == .wrongType && text?.help?.contains("--types id=text") == true)
    let collision = #expect(throws: SiblingError.self) {
      try left.joining(read("id,size\n1,3\n", "r.csv"), by: ["id"])
    }
    #expect(collision?.code == .duplicateColumn)
    #expect(collision?.location == .init(file: "r.csv", line: 1, column: 4))
    let suffixed = try left.joining(read("id,size\n1,3\n", "r.csv"), by: ["id"], suffix: "_site")
    #expect(suffixed.table.names == ["id", "size", "size_site"])
    #expect(
      #expect(throws: SiblingError.self) { try left.joining(left, by: ["x"]) }?.code
        == .unknownColumn)
    #expect(#expect(throws: SiblingError.self) { try left.joining(left, by: []) } != nil)
  }

  @Test func emptyTables() throws {
    let (none, left) = (try read("id,v\n", "r.csv"), try read("id,w\n1,2\n", "l.csv"))
    let joined = try left.joining(none, by: ["id"])
    #expect(joined.table.rowCount == 1 && joined.unmatched == 1 && joined.unused == 0)
    #expect(try none.joining(left, by: ["id"]).table.rowCount == 0)
    #expect(try none.joining(none, by: ["id"], suffix: "2").table.names == ["id", "v", "v2"])
  }

  /// Against a plain search of every row, on made-up keys with gaps.
  @Test func agreesWithAPlainSearch() throws {
    var random = RandomStream(seed: 3, name: "joins")
    for scale in [1, 1_000_003] {
      let own = (0..<300).map { _ in Int.random(in: -40...40, using: &random) * scale }
      let other = Set((0..<60).map { _ in Int.random(in: -40...40, using: &random) * scale })
        .shuffled(using: &random)
      let left = try Table([Column(name: "k", values: .integers(own))])
      let right = try Table([
        Column(name: "k", values: .integers(other)),
        Column(name: "v", values: .integers(Array(other.indices))),
      ])
      let joined = try left.joining(right, by: ["k"])
      let expected = own.map { other.firstIndex(of: $0) ?? Int.min }
      #expect(joined.table["v"]?.values == .integers(expected))
      #expect(joined.unused == other.count { !own.contains($0) })
    }
  }
}
