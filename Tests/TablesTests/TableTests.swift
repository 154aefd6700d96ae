import Statistics
import Testing

@testable import Tables

@Suite struct TableTests {
  private func sample() throws -> Table {
    try table("id,x,sex,ok,day\n10,1.5,m,true,2020-01-02\n9,,f,,\n10,-0.5,,false,2020-01-01\n")
  }

  @Test func doublesWidenWhatIsNumeric() throws {
    let read = try sample()
    #expect(try read.doubles("id") == [10, 9, 10])
    #expect(try read.doubles("x")[1].isNaN)
    #expect(try read.doubles("ok")[0] == 1 && read.doubles("ok")[2] == 0)
    #expect(try read.doubles("ok")[1].isNaN)
    #expect(try read.dates("day") == [18_263, Int32.min, 18_262])
    for (name, word) in [("sex", "text"), ("day", "date")] {
      let error = #expect(throws: SiblingError.self) { try read.doubles(name) }
      #expect(error?.code == .wrongType && error?.column == name)
      #expect(error?.message == "column '\(name)' is \(word), and a number is needed")
      #expect(error?.help?.isEmpty == false)
      #expect(error?.location?.line == 1)
    }
    let error = #expect(throws: SiblingError.self) { try read.dates("sex") }
    #expect(error?.code == .wrongType && error?.help?.contains("dd/mm/yyyy") == true)
    let absent = #expect(throws: SiblingError.self) { try read.doubles("sec") }
    #expect(absent?.code == .unknownColumn && absent?.suggestion == "sex")
  }

  @Test func factorsOrderTheirLevelsByValue() throws {
    let read = try sample()
    #expect(try read.factor("id") == Factor(codes: [1, 0, 1], levels: ["9", "10"]))
    #expect(try read.factor("x") == Factor(codes: [1, -1, 0], levels: ["-0.5", "1.5"]))
    #expect(try read.factor("sex") == Factor(["m", "f", nil]))
    #expect(try read.factor("ok") == Factor(codes: [1, -1, 0], levels: ["false", "true"]))
    #expect(try read.factor("day").levels == ["2020-01-01", "2020-01-02"])
    #expect(try read.strings("id") == ["10", "9", "10"])
    #expect(try read.strings("day") == ["2020-01-02", nil, "2020-01-01"])
    let zeros = Column(name: "z", values: .doubles([-0.0, 0, 2]))
    #expect(zeros.asFactor == Factor(codes: [0, 0, 1], levels: ["0", "2"]))
  }

  @Test func rowsKeepTheirPlaces() throws {
    let some = try sample().selecting(rows: [2, 0])
    #expect(some.rowCount == 2)
    #expect(try some.doubles("x") == [-0.5, 1.5])
    #expect(try some.strings("sex") == [nil, "m"])
    #expect(some.source?.lines == [4, 2])
    #expect(some.location(row: 0, column: "x") == .init(file: "data.csv", line: 4, column: 4))
    #expect(some.selecting(rows: []).rowCount == 0)
  }

  @Test func columnsComeAndGo() throws {
    let read = try sample()
    let new = Column(name: "new", values: .integers([1, 2, 3]))
    let added = try read.adding(new)
    #expect(added.names == ["id", "x", "sex", "ok", "day", "new"])
    #expect(added["new"] == new)
    #expect(try added.dropping("x").names == ["id", "sex", "ok", "day", "new"])
    #expect(try added.dropping("x").doubles("new") == [1, 2, 3])
    let replaced = try read.replacing(Column(name: "x", values: .integers([1, 2, 3])))
    #expect(replaced.names == read.names)
    #expect(try replaced.doubles("x") == [1, 2, 3])
    #expect(try read.selecting(columns: ["sex", "id"]).names == ["sex", "id"])
    #expect(try Table([]).adding(new).rowCount == 3)
    let codes = [
      #expect(throws: SiblingError.self) { try added.adding(new) }?.code,
      #expect(throws: SiblingError.self) {
        try read.adding(Column(name: "y", values: .integers([1])))
      }?.code,
      #expect(throws: SiblingError.self) { try read.dropping("y") }?.code,
      #expect(throws: SiblingError.self) { try read.selecting(columns: ["id", "id"]) }?.code,
      #expect(throws: SiblingError.self) { try Table([new, new]) }?.code,
    ]
    #expect(
      codes == [
        .duplicateColumn, .sizeMismatch, .unknownColumn, .duplicateColumn, .duplicateColumn,
      ])
  }

  @Test func completeRows() throws {
    let read = try sample()
    #expect(try read.completeRows(["id"]) == [0, 1, 2])
    #expect(try read.completeRows(["id", "x", "ok", "day"]) == [0, 2])
    #expect(try read.isComplete(["x", "sex"]) == [true, false, false])
    #expect(try read.completeRows([]) == [0, 1, 2])
    #expect(throws: SiblingError.self) { try read.completeRows(["y"]) }
  }
}
