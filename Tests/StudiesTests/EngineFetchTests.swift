import Engines
import Statistics
import Tables
import Testing

@testable import Studies

/// Rows of an engine as a table in memory.
@Suite struct EngineFetchTests {
  private func engine() throws -> MemoryEngine {
    MemoryEngine([
      "people": try Table([
        Column(name: "id", values: .integers([3, 1, 2, .min])),
        Column(name: "x", values: .doubles([0.5, .nan, 2, 1])),
        Column(name: "arm", values: .text(Factor(["b", "a", nil, "a"]))),
        Column(name: "won", values: .booleans([1, 0, -1, 1])),
        Column(name: "day", values: .dates([19_000, .min, 3, 0])),
      ])
    ])
  }

  private func fetch() throws -> EngineFetch { try EngineFetch(engine(), .named("people")) }

  @Test func rowsComeInOrderWithTheirTypes() throws {
    let found = try fetch().table(
      ["x", "id", "arm", "won", "day"], order: ["id"], because: "asked")
    let table = found.table
    #expect(table.names == ["id", "x", "arm", "won", "day"])
    #expect(table["id"]?.values == .integers([1, 2, 3, .min]))
    #expect(table["arm"]?.values == .text(Factor(["a", nil, "b", "a"])))
    #expect(table["won"]?.values == .booleans([0, -1, 1, 1]))
    #expect(table["day"]?.values == .dates([.min, 3, 19_000, 0]))
    let x = try table.doubles("x")
    #expect(x[0].isNaN && Array(x[1...]) == [2, 0.5, 1])
    #expect(found.notes == ["4 rows × 5 columns were fetched, because asked"])
  }

  @Test func theOrderOfTheSourceDoesNotMatter() throws {
    let own = try engine().table
    let table = try #require(own)
    let turned = MemoryEngine(["people": table.selecting(rows: [2, 3, 0, 1])])
    let names = ["id", "arm", "won"]
    let one = try fetch().table(names, because: "").table
    let other = try EngineFetch(turned, .named("people")).table(names, because: "").table
    #expect(one.columns == other.columns)
    #expect(TableFingerprint(one).hash == TableFingerprint(other).hash)
  }

  @Test func theFilterIsAppliedThereAndCounted() throws {
    var fetch = try fetch()
    fetch.derivations = ["twice = x * 2"]
    fetch.filter = "twice >= 2"
    let found = try fetch.table(["id", "x"], because: "asked")
    #expect(found.isFiltered)
    #expect(found.table["id"]?.values == .integers([2, .min]))
    #expect(found.notes.last == "--where keeps 2 of 4 rows (2 left out)")
  }

  @Test func aFilterThatKeepsNobodyFetchesNobody() throws {
    var fetch = try fetch()
    fetch.filter = "id > 100"
    #expect(try fetch.table(["id"], because: "asked").table.rowCount == 0)
  }

  @Test func aFilterForMemoryAloneIsLeftToIt() throws {
    var fetch = try fetch()
    fetch.filter = "nothing_of_that_name > 1"
    let found = try fetch.table(["id"], because: "asked")
    #expect(!found.isFiltered && found.table.rowCount == 4)
  }

  @Test func wholeNumbersThatLoseDigitsAreRefused() throws {
    let engine = MemoryEngine([
      "t": try Table([Column(name: "id", values: .integers([9_007_199_254_740_993]))])
    ])
    let fetch = try EngineFetch(engine, .named("t"))
    let error = #expect(throws: SiblingError.self) { try fetch.table(["id"], because: "") }
    #expect(error?.code == .wrongType && error?.column == "id")
  }

  @Test func anotherRowGivesAnotherFingerprint() throws {
    func hash(_ values: [String?]) throws -> String {
      TableFingerprint(try Table([Column(name: "a", values: .text(Factor(values)))])).hash
    }
    #expect(try hash(["x", nil]) == hash(["x", nil]))
    #expect(try hash(["x", nil]) != hash(["x", ""]))
    #expect(try hash(["xy", "z"]) != hash(["x", "yz"]))
  }

  @Test func columnsAreFoundAsWholeWords() {
    let names = ["age", "age2", "emp1", "emp2", "emp3", "late one", "re.74"]
    #expect(EngineWords(["y ~ age + `late one`"]).named(among: names) == ["age", "late one"])
    #expect(EngineWords(["x ~ re.74", "page"]).named(among: names) == ["re.74"])
    #expect(EngineWords(["emp1:emp3"]).named(among: names) == ["emp1", "emp2", "emp3"])
    #expect(EngineWords(["emp1:emp34"]).named(among: names) == ["emp1"])
  }

  @Test func aDotStandsForAllColumns() {
    #expect(EngineWords(["treat ~ ."]).hasDot)
    #expect(EngineWords(["y ~ . - id"]).hasDot)
    #expect(!EngineWords(["y ~ re.74", "0.5", "a sentence."]).hasDot)
  }
}

extension MemoryEngine {
  /// The rows of the test's one table.
  fileprivate var table: Table? {
    get throws {
      try EngineFetch(self, .named("people")).table(
        EngineFetch(self, .named("people")).names, order: [], because: ""
      ).table
    }
  }
}
