import Statistics
import Tables
import Testing

@Suite("Renaming columns")
struct TableRenamingTests {
  private func table() throws(SiblingError) -> Table {
    let rows = ["a,b,c", "1,x,2", "3,y,z"] + [Int](repeating: 4, count: 30).map { "\($0),y,5" }
    let text = rows.joined(separator: "\n") + "\n"
    return try CSVReader().read(bytes: Array(text.utf8), name: "t.csv")
  }

  @Test("names change, and places in the file do not")
  func places() throws {
    let renamed = try table().renaming(["b": "group", "c": "d"])
    #expect(renamed.names == ["a", "group", "d"])
    #expect(try renamed.strings("group").prefix(3) == ["x", "y", "y"])
    #expect(renamed.location(row: 1, column: "group")?.column == 3)
    #expect(renamed.headerLocation("d")?.column == 5)
    #expect(renamed["b"] == nil)
    // What stands in the way of numbers is still known.
    let error = #expect(throws: SiblingError.self) { try renamed.doubles("d") }
    #expect(error?.location?.line == 3)
    #expect(error?.location?.column == 5)
  }

  @Test("columns may change names with each other")
  func swap() throws {
    let swapped = try table().renaming(["a": "b", "b": "a"])
    #expect(try swapped.doubles("b").prefix(3) == [1, 3, 4])
    #expect(swapped.location(row: 0, column: "b")?.column == 1)
    #expect(try table().renaming([:]).names == ["a", "b", "c"])
  }

  @Test("unknown names and names that are taken are refused at their place")
  func refusals() throws {
    let unknown = #expect(throws: SiblingError.self) { try table().renaming(["bb": "x"]) }
    #expect(unknown?.code == .unknownColumn)
    let taken = #expect(throws: SiblingError.self) { try table().renaming(["b": "c"]) }
    #expect(taken?.code == .duplicateColumn)
    #expect(taken?.location?.column == 5)
  }
}
